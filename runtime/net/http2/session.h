// HTTP/2 frames, sans I/O: nghttp2 with what we ask of a client on top. Fuzzed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "rr/exchange.h"
#include "rr/http.h"
#include "runtime/net/byte_buffer.h"
#include "runtime/net/streams/session.h"

struct nghttp2_session;

namespace rr::net::http2 {

using streams::SessionEvents;
using streams::SessionStream;

struct SessionLimits {
  std::uint32_t streams = 128;             // SETTINGS_MAX_CONCURRENT_STREAMS
  std::uint32_t window = 1024 * 1024;      // of a stream and of the connection
  std::uint32_t frame = 1024 * 1024;       // SETTINGS_MAX_FRAME_SIZE
  std::uint32_t head = 1024 * 1024 + 320;  // SETTINGS_MAX_HEADER_LIST_SIZE
  // What a client may make us do without getting anything for it: work points, see Session.
  std::int64_t work = 4000;
};

enum class ErrorCode : std::uint32_t {
  none = 0,
  protocol = 1,
  internal = 2,
  refused_stream = 7,
  cancel = 8,
  enhance_your_calm = 11,
};

// Not thread-safe.
//
// Floods: everything a client sends costs points where it gives nothing in return: SETTINGS, PING,
// PRIORITY, empty DATA and WINDOW_UPDATE one, a refused stream five, CONTINUATION ten, a stream it
// resets before its answer twenty. Points come back with time (one a millisecond), with complete
// requests and with bytes of bodies either way. Without any left the connection ends with
// ENHANCE_YOUR_CALM.
class Session final : public streams::Session {
 public:
  Session(SessionEvents& events, const SessionLimits& limits);
  ~Session();
  Session(const Session&) = delete;

  // Bytes from the client. False: the connection is to be closed once the output is sent.
  bool feed(std::string_view bytes, TimePoint now);
  // Appends output until `out` holds `enough` bytes or there is no more for now.
  void produce(ByteBuffer& out, std::size_t enough);
  // Nothing is to come and nothing to be sent: the connection is over.
  bool over() const;

  void answer(SessionStream& stream, int status, std::span<const HeaderView> fields,
              bool body) override;
  void inform(SessionStream& stream, int status, std::span<const HeaderView> fields) override;
  void more_body(SessionStream& stream) override;
  void cancel(SessionStream& stream) override;
  // Takes no new streams; those that are open go on. Once is enough.
  void go_away(ErrorCode code);

 private:
  friend struct Callbacks;
  void pay(std::int64_t points) { work_ -= points; }
  void earn(std::int64_t points);
  int end_calmly();

  SessionEvents& events_;
  const SessionLimits limits_;
  nghttp2_session* session_ = nullptr;
  std::int64_t work_;
  TimePoint refilled_{};
  bool going_ = false;
  bool dead_ = false;
};

}  // namespace rr::net::http2
