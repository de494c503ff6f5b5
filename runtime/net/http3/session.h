// HTTP/3 frames on the streams of a QUIC connection, sans I/O: nghttp3 with what we ask of a client
// on top. Fuzzed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "rr/exchange.h"
#include "rr/http.h"
#include "runtime/net/streams/session.h"

struct nghttp3_conn;

namespace rr::net::http3 {

using streams::SessionEvents;
using streams::SessionStream;

struct SessionLimits {
  std::uint32_t streams = 128;                   // requests at a time
  std::uint32_t head = 1024 * 1024 + 320;        // SETTINGS_MAX_FIELD_SECTION_SIZE
  std::size_t unacknowledged = 4 * 1024 * 1024;  // bytes of bodies kept until the client has them
  // What a client may make us do without getting anything for it: points, see Session.
  std::int64_t work = 4000;
};

// What HTTP/3 asks of QUIC. Codes are those of RFC 9114.
class Transport {
 public:
  virtual void stop_reading(std::int64_t stream, std::uint64_t code) = 0;
  virtual void stop_writing(std::int64_t stream, std::uint64_t code) = 0;
  // Bytes were read and are kept nowhere in the transport: the client may send as many more.
  virtual void consumed(std::int64_t stream, std::size_t bytes) = 0;
  // The client may begin one more request.
  virtual void allow_request() = 0;

 protected:
  ~Transport() = default;
};

// Not thread-safe.
//
// Floods: the client may begin a request for each that is done with, so what it resets is held
// against it for as long as somebody works on it. Beyond that a stream that ends before its answer
// costs points, twenty, or one when not even a head has come of it; points come back with time (one
// a millisecond) and with complete requests. Without any left the connection ends with
// H3_EXCESSIVE_LOAD. What floods of other frames cost is little, and QUIC makes a client send whole
// packets for them.
class Session final : public streams::Session {
 public:
  Session(SessionEvents& events, Transport& transport, const SessionLimits& limits);
  ~Session();
  Session(const Session&) = delete;

  // Once; the server's own streams have these ids. False: out of memory.
  bool start(std::int64_t control, std::int64_t encoder, std::int64_t decoder);
  bool started() const { return session_ != nullptr; }

  // ---- what came. False: the connection is to be closed with error().
  bool feed(std::int64_t stream, std::string_view bytes, bool end);
  bool acknowledged(std::int64_t stream, std::uint64_t bytes);
  // The client sends no more of a stream, without its end.
  bool reset(std::int64_t stream, TimePoint now);
  bool closed(std::int64_t stream, std::uint64_t code, TimePoint now);
  void window_opened(std::int64_t stream);
  void requests_allowed(std::uint64_t in_all);
  std::uint64_t error() const { return error_; }

  // ---- what is to be sent
  struct Part {  // an ngtcp2_vec
    std::uint8_t* bytes;
    std::size_t size;
  };
  struct Output {
    std::int64_t stream = -1;  // none: there is nothing
    bool end = false;
    std::span<Part> parts;  // valid until acknowledged
  };
  // False: the connection is to be closed with error().
  bool produce(Output& output);
  bool sent(std::int64_t stream, std::size_t bytes, bool end);
  // Between packets: tells the client which answers do not go on, and of which requests nothing
  // more is wanted. True: there were some.
  bool settle();
  void window_closed(std::int64_t stream);
  void writing_stopped(std::int64_t stream);  // by the client

  // ---- the end. First says that no new requests are wanted, then refuses them.
  void announce_end();
  void refuse_requests();
  bool refuses() const { return refuses_; }

  // ---- streams::Session
  void answer(SessionStream& stream, int status, std::span<const HeaderView> fields,
              bool body) override;
  void inform(SessionStream& stream, int status, std::span<const HeaderView> fields) override;
  void more_body(SessionStream& stream) override;
  void cancel(SessionStream& stream) override;
  void request_done() override { transport_.allow_request(); }

 private:
  friend struct SessionCallbacks;
  // The body of an answer lies here until the client has it.
  struct Chunk {
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;
  };
  struct Request {
    std::int64_t id = -1;
    SessionStream* stream = nullptr;  // null: refused
    std::deque<Chunk> chunks;
    std::size_t acknowledged = 0;  // of the first chunk
    bool complete = false;         // the client has said all
    bool answered = false;         // the answer is sent to its end
    bool starved = false;          // waits for room below SessionLimits::unacknowledged
    bool broken = false;           // its answer does not go on
    bool failed = false;           // of it nothing more is read
  };
  bool fail(int code);
  bool spend(std::int64_t points, TimePoint now);
  void earn(std::int64_t points);
  Request* find(std::int64_t stream);
  void fail_stream(Request& request, std::uint64_t code);
  void feed_starved();
  std::ptrdiff_t take_body(Request& request, Part& part, std::uint32_t& flags);

  SessionEvents& events_;
  Transport& transport_;
  const SessionLimits limits_;
  nghttp3_conn* session_ = nullptr;
  std::map<std::int64_t, Request> requests_;  // by stream; addresses are kept in session_
  std::size_t unacknowledged_ = 0;
  std::vector<std::int64_t> starved_;
  std::vector<std::int64_t> broken_;
  std::vector<std::int64_t> unwanted_;
  std::vector<Part> parts_;
  std::uint64_t error_ = 0;
  std::int64_t work_;
  TimePoint refilled_{};
  bool announced_ = false;
  bool refuses_ = false;
};

}  // namespace rr::net::http3
