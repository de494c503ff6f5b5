// A protocol that carries many requests on one connection (HTTP/2, HTTP/3), as the code around it
// sees it: requests come out, answers go in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "rr/http.h"

namespace rr::net::streams {

// What a session knows of a stream. The object outlives the stream's end, see Events::closed.
class SessionStream {
 public:
  std::int64_t id() const { return id_; }
  void set_id(std::int64_t id) { id_ = id; }  // the session's

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
  std::int64_t id_ = 0;
};

// What comes out of a session while it is fed.
class SessionEvents {
 public:
  // A new request. Null: refused, the client may try again.
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

// What goes into it. Not thread-safe. A stream is one that has begun and is not closed.
class Session {
 public:
  // An answer: fields without the status. Then take_body() is asked, unless there is no body.
  virtual void answer(SessionStream& stream, int status, std::span<const HeaderView> fields,
                      bool body) = 0;
  virtual void inform(SessionStream& stream, int status, std::span<const HeaderView> fields) = 0;
  virtual void more_body(SessionStream& stream) = 0;
  // The answer does not go on; the client is told.
  virtual void cancel(SessionStream& stream) = 0;
  // Nobody works on one of the requests any more: after its stream has closed, soon or later. For
  // protocols in which the server says how many more may come.
  virtual void request_done() {}

 protected:
  ~Session() = default;
};

}  // namespace rr::net::streams
