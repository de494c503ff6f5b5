// Serialises HTTP/1.x answers, sans I/O. Decides framing: Content-Length, chunks, or the end of the
// connection (spec 02 §3.3, §3.4, §6).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rr/http.h"

namespace rr::net::http1 {

// What the request asked for and the connection wants.
struct AnswerTo {
  HttpVersion version = HttpVersion::http11;
  bool head_method = false;
  bool keep_alive = true;  // false: the answer says "Connection: close"
  bool add_canonical_names = true;  // worker's names are canonicalised (x-a → X-A)
};

// One answer at a time; reset() between answers. Not thread-safe.
class ResponseWriter {
 public:
  void reset(const AnswerTo& to);

  // Appends an interim head (1xx); nothing for HTTP/1.0.
  void inform(std::string& out, const HttpResponseHead& head);
  // Appends the head of an answer whose whole body is `body`; the body itself is what the caller
  // sends after it: body_to_send() (less than `body` for HEAD, 204, 304, or a short Content-Length).
  void respond(std::string& out, const HttpResponseHead& head, std::string_view body);
  std::string_view body_to_send() const { return body_; }
  // Streamed answer. The head is held back until the first piece when its type must be sniffed.
  void start(std::string& out, const HttpResponseHead& head);
  // Appends the frame before a piece; the caller sends `piece_to_send()` and then tail().
  void piece(std::string& out, std::string_view piece);
  std::string_view piece_to_send() const { return body_; }
  std::string_view piece_tail() const;  // "\r\n" after a chunk, else empty
  // Appends the last chunk and trailers.
  void finish(std::string& out);

  // After the answer is complete the connection must be closed.
  bool must_close() const { return close_; }
  // A piece was cut or dropped because it went over Content-Length, or a body where none may be.
  bool body_refused() const { return refused_; }
  int status() const { return status_; }
  std::uint64_t body_bytes() const { return body_bytes_; }

 private:
  enum class Framing : std::uint8_t { none, length, chunked, until_close };
  void write_head(std::string& out, const HttpResponseHead& head, std::string_view first_bytes,
                  std::int64_t known_length);

  AnswerTo to_;
  Framing framing_ = Framing::none;
  bool close_ = false;
  bool refused_ = false;
  bool head_held_ = false;
  int status_ = 0;
  std::uint64_t body_bytes_ = 0;
  std::uint64_t length_left_ = 0;
  std::string_view body_;
  std::string held_head_;
  std::vector<std::pair<std::string, std::string>> trailers_;
};

// The literal answer to a request that could not be parsed.
void write_refusal(std::string& out, int status, std::string_view reason);

}  // namespace rr::net::http1
