// What strangers and workers say before the first job, in pieces of any size: it ends in a worker's
// pid or in words why not.
#include "runtime/pool/process/handshake.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using rr::pool::Handshake;
  if (size == 0) return 0;
  const std::size_t piece = data[0] == 0 ? size : data[0];
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  Handshake handshake(1024);
  auto state = Handshake::State::waiting;
  while (!rest.empty() &&
         (state == Handshake::State::waiting || state == Handshake::State::draining)) {
    state = handshake.feed(rest.substr(0, piece));
    rest.remove_prefix(std::min(rest.size(), piece));
  }
  if (state != Handshake::State::ready && state != Handshake::State::failed) {
    state = handshake.end();
    require(state == Handshake::State::failed);
  }
  require(handshake.error().empty() == (state == Handshake::State::ready));
  if (state == Handshake::State::ready) require(handshake.pid() > 0);
  return 0;
}
