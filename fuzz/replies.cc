// What a server sends to the extension: in whatever pieces it comes, the same replies are taken out
// of it, and no more memory is held than has come.
#include "ext/rpc/replies.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "ext/address.h"

namespace {

using rr::ext::Replies;
using rr::goridge::RpcMessage;

void require(bool condition) {
  if (!condition) std::abort();
}

struct Taken {
  std::vector<std::string> replies;
  bool garbage = false;
  friend bool operator==(const Taken&, const Taken&) = default;
};

Taken take(std::string_view bytes, std::size_t piece) {
  Replies replies;
  Taken taken;
  for (;;) {
    RpcMessage reply;
    Replies::Next next;
    while ((next = replies.next(&reply)) == Replies::Next::reply) {
      taken.replies.push_back(std::to_string(reply.sequence) + " " + std::to_string(reply.flags) +
                              " " + std::string(reply.method) + " " + std::string(reply.body));
    }
    taken.garbage = next == Replies::Next::garbage;
    if (taken.garbage || bytes.empty()) return taken;
    std::size_t room = 0;
    char* to = replies.room(&room);
    require(room > 0 && room <= (1U << 20));
    const std::size_t size = std::min({room, piece, bytes.size()});
    std::memcpy(to, bytes.data(), size);
    replies.came(size);
    bytes.remove_prefix(size);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Taken whole = take(bytes, size + 1);
  require(whole == take(bytes, 1 + (size ? data[0] % 31 : 0)));

  // An address that is one says the same when it is read again.
  rr::ext::Address address, again;
  if (rr::ext::Address::parse(bytes, &address)) {
    require(rr::ext::Address::parse(address.text(), &again) && address.text() == again.text());
  }
  return 0;
}
