// What we make of a client's bytes in HTTP/3, without QUIC's encryption: streams through our
// session and request builder, and packets of nobody through the doorkeeper.
//
// The first byte says which. For streams, then: pieces of (stream, flags and size, bytes). Every
// request that is complete is answered; every stream that began must end.
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "fuzz/streams.h"
#include "runtime/net/http3/doorkeeper.h"
#include "runtime/net/http3/session.h"

namespace {

using namespace rr;
using namespace rr::net;
using fuzz::require;

constexpr http3::SessionLimits kLimits{
    .streams = 8, .head = 4096, .unacknowledged = 64 * 1024, .work = 300};

class Peer final : private http3::Transport {
 public:
  void run(std::string_view input) {
    require(session_.start(3, 7, 11));
    TimePoint now{};
    while (input.size() >= 2) {
      const auto head = static_cast<unsigned char>(input[0]);
      const auto size = static_cast<std::size_t>(static_cast<unsigned char>(input[1]));
      input.remove_prefix(2);
      // Streams a client may open: 0, 4, 8, … requests, 2, 6, 10, … others.
      const std::int64_t stream = (head & 7) * 4 + ((head & 8) ? 2 : 0);
      const bool end = (head & 16) != 0;
      const std::string_view bytes = input.substr(0, size);
      input.remove_prefix(bytes.size());
      if (ended_.contains(stream)) continue;
      if (end || (head & 32)) ended_.insert(stream);
      const bool alive = (head & 32)
                             ? session_.reset(stream, now) && session_.closed(stream, 0x10c, now)
                             : session_.feed(stream, bytes, end);
      if (!alive) break;
      requests_.answer_all(session_);
      if (!take_output()) break;
    }
  }

 private:
  void stop_reading(std::int64_t, std::uint64_t) override {}
  void stop_writing(std::int64_t, std::uint64_t) override {}
  void consumed(std::int64_t, std::size_t) override {}
  void allow_request() override {}

  // Everything is sent and acknowledged at once; a stream whose both ends are over closes.
  bool take_output() {
    for (int i = 0; i < 1000; ++i) {
      http3::Session::Output output;
      if (!session_.produce(output)) return false;
      if (output.stream < 0 && !session_.settle()) return true;
      if (output.stream < 0) continue;
      std::size_t size = 0;
      for (const auto& part : output.parts) size += part.size;
      if (!session_.sent(output.stream, size, output.end)) return false;
      if (!session_.acknowledged(output.stream, size)) return false;
      if (output.end && !session_.closed(output.stream, 0x100, {})) return false;
      if (output.end) ended_.insert(output.stream);
    }
    return true;
  }

  fuzz::Requests requests_{HttpVersion::http3, kLimits.streams, kLimits.head};
  http3::Session session_{requests_, *this, kLimits};
  std::set<std::int64_t> ended_;
};

void meet(std::string_view input) {
  static const http3::Secrets secrets;
  http3::Doorkeeper doorkeeper(secrets);
  if (input.empty()) return;
  const auto mood = static_cast<http3::Mood>(static_cast<unsigned char>(input[0]) % 4);
  http3::Datagram packet;
  packet.remote.v4.sin_family = packet.local.v4.sin_family = AF_INET;
  packet.remote.size = packet.local.size = sizeof(sockaddr_in);
  // First packets are long: with nothing behind, most would not be looked at.
  std::string bytes(input.substr(1));
  bytes.resize(std::max<std::size_t>(bytes.size(), (input[0] & 64) ? 1200 : 0));
  packet.bytes = bytes;
  const auto verdict = doorkeeper.judge(packet, mood, TimePoint(std::chrono::hours(1)));
  require(verdict.reply.size() <= std::max<std::size_t>(bytes.size(), 1));
  require(!verdict.opening || verdict.reply.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 0) {
    Peer().run(input);
  } else {
    meet(input);
  }
  return 0;
}
