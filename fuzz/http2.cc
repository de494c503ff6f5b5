// HTTP/2 bytes of a client through our session and request builder, all at once and cut into small
// reads: both must see the same requests. Every request that is complete is answered, so that
// answers, windows and resets meet as well; every stream that began must end.
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/streams.h"
#include "runtime/net/http2/session.h"

namespace {

using namespace rr;
using namespace rr::net;
using fuzz::require;

constexpr http2::SessionLimits kLimits{
    .streams = 8, .window = 65535, .frame = 16384, .head = 4096, .work = 300};

// What was seen of each complete request, in order.
std::string run(std::string_view bytes, std::size_t at_a_time) {
  const TimePoint now{};
  fuzz::Requests requests(HttpVersion::http2, kLimits.streams, kLimits.head);
  http2::Session session(requests, kLimits);
  ByteBuffer out;
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, at_a_time);
    bytes.remove_prefix(part.size());
    const bool alive = session.feed(part, now);
    requests.answer_all(session);
    session.produce(out, 1 << 20);
    out.clear();
    if (!alive || session.over()) break;
  }
  return requests.seen();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  // The preface is always there: without it nothing else is reached.
  std::string bytes = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  bytes.append(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string whole = run(bytes, SIZE_MAX);
  const std::string pieces = run(bytes, 1 + data[0] % 16);
  // Answers come earlier when bytes come in pieces, and so may an end: the beginning is the same.
  require(whole.starts_with(pieces) || pieces.starts_with(whole));
  return 0;
}
