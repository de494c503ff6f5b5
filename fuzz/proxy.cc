// PROXY headers: more bytes never change what fewer said, and addresses are addresses.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "runtime/net/proxy/header.h"

namespace {

using namespace rr::net;

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Peer peer;
  std::size_t taken = 0;
  const proxy::Parsed parsed = proxy::parse_header(bytes, taken, peer);
  if (parsed == proxy::Parsed::complete) {
    require(taken > 0 && taken <= size && taken <= proxy::kMostHeader);
    require(peer.remote_address.find_first_not_of("0123456789abcdef:.") == std::string::npos);
  }
  for (std::size_t cut = 0; cut < size && cut < 300; ++cut) {
    Peer other;
    std::size_t less = 0;
    const proxy::Parsed before = proxy::parse_header(bytes.substr(0, cut), less, other);
    require(before == proxy::Parsed::incomplete || before == parsed);
    if (before == proxy::Parsed::complete) require(less == taken);
  }
  return 0;
}
