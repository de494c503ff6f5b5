// HTTP/2 frames, sans I/O: nghttp2 with what we ask of a client on top. Fuzzed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "rr/exchange.h"
#include "rr/http.h"
#include "runtime/net/byte_buffer.h"

struct nghttp2_session;

namespace rr::net::http2 {

struct SessionLimits {
  std::uint32_t streams = 128;             // SETTINGS_MAX_CONCURRENT_STREAMS
  std::uint32_t window = 1024 * 1024;      // of a stream and of the connection
  std::uint32_t frame = 1024 * 1024;       // SETTINGS_MAX_FRAME_SIZE
  std::uint32_t head = 1024 * 1024 + 320;  // SETTINGS_MAX_HEADER_LIST_SIZE
  // What a client may make us do without getting anything for it: work points, see Session.
  std::int64_t work = 4000;
};

// What a session knows of a stream. The object outlives the stream's end, see Events::closed.
class SessionStream {
 public:
  std::int32_t id() const { return id_; }

  // The body of the answer: copies up to `room` bytes. `end`: nothing follows. `broken`: what
  // should follow does not come, the stream is reset. Nothing copied and neither: later, after
  // Session::more_body().
  struct Taken {
    std::size_t size = 0;
    bool end = false;
    bool broken = false;
  };
  virtual Taken take_body(char* into, std::size_t room) = 0;
  // Asked at the end of the body; empty: none.
  virtual std::span<const HeaderView> take_trailers() = 0;

 protected:
  ~SessionStream() = default;

 private:
  friend class Session;
  friend struct Callbacks;
  std::int32_t id_ = 0;
};

// What comes out of a session while it is fed.
class SessionEvents {
 public:
  // A new request. Null: refused (REFUSED_STREAM), the client may try again.
  virtual SessionStream* begin() = 0;
  // A field of its head, pseudo fields first (":method"). False: the stream is a protocol error.
  virtual bool field(SessionStream& stream, std::string_view name, std::string_view value) = 0;
  // The head is there. False: as above.
  virtual bool head(SessionStream& stream, bool has_body) = 0;
  virtual void data(SessionStream& stream, std::string_view bytes) = 0;
  // The request is complete.
  virtual void complete(SessionStream& stream) = 0;
  // The stream is over, for whatever reason; the session forgets it.
  virtual void closed(SessionStream& stream) = 0;

 protected:
  ~SessionEvents() = default;
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
class Session final {
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

  // An answer: fields without the status. Then take_body() is asked, unless there is no body.
  void answer(SessionStream& stream, int status, std::span<const HeaderView> fields, bool body);
  void inform(SessionStream& stream, int status, std::span<const HeaderView> fields);
  void more_body(SessionStream& stream);
  void reset(SessionStream& stream, ErrorCode code);
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
