// Serialises HTTP/1.x answers, sans I/O. Decides framing: Content-Length, chunks, or the end of the
// connection (spec 02 §3.3, §3.4, §6).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "rr/http.h"
#include "runtime/net/http/field_rules.h"

namespace rr::net::http1 {

// What the request asked for and the connection wants.
struct AnswerTo {
  HttpVersion version = HttpVersion::http11;
  bool head_method = false;
  bool keep_alive = true;           // false: the answer says "Connection: close"
  bool add_canonical_names = true;  // worker's names are canonicalised (x-a → X-A)
};

// One answer at a time; reset() between answers. Not thread-safe. Fields keep the order they were
// given in; Content-Length, Transfer-Encoding, Connection, Date and a sniffed Content-Type follow
// them. The status is within 100 to 599: what else a worker says is for the caller to answer.
class ResponseWriter {
 public:
  void reset(const AnswerTo& to);

  // Appends an interim head (1xx); nothing for HTTP/1.0 or 101.
  void inform(std::string& out, const HttpResponseHead& head);
  // Appends the head of an answer whose whole body is `body`; the body itself is what the caller
  // sends after it: body_to_send() (less than `body` for HEAD, 204, 304, or a short
  // Content-Length). With trailers everything is appended here, as chunks, and body_to_send() is
  // empty.
  void respond(std::string& out, const HttpResponseHead& head, std::string_view body);
  std::string_view body_to_send() const { return body_; }
  // Streamed answer. The head is held back until the first piece when its type must be sniffed.
  void start(std::string& out, const HttpResponseHead& head);
  // Appends the frame before a piece; the caller sends `piece_to_send()` and then piece_tail().
  // An empty piece is nothing.
  void piece(std::string& out, std::string_view piece);
  std::string_view piece_to_send() const { return body_; }
  std::string_view piece_tail() const;  // "\r\n" after a chunk, else empty
  // The same for a piece that is not in memory: how many of its bytes the caller sends, then the
  // tail. Nothing is sniffed.
  std::uint64_t outside_piece(std::string& out, std::uint64_t size);
  std::string_view outside_tail(std::uint64_t sent) const;
  // The fields that the Trailer field among them names become trailers of a streamed answer, in
  // place of earlier ones of the same name; nothing unless it is sent in chunks.
  void add_trailers(std::span<const HeaderView> fields);
  // Appends the last chunk and trailers. Again: nothing.
  void finish(std::string& out);

  // After the answer is complete the connection must be closed.
  bool must_close() const { return close_; }
  // A piece was cut or dropped because it went over Content-Length, or a body where none may be.
  bool body_refused() const { return refused_; }
  int status() const { return status_; }
  // Of the body, handed out so far; without chunk framing.
  std::uint64_t body_bytes() const { return body_bytes_; }

 private:
  enum class Framing : std::uint8_t { none, length, chunked, until_close };
  void status_line(std::string& out, const HttpResponseHead& head) const;
  http::FieldFacts fields(std::string& out, const HttpResponseHead& head);
  bool field(std::string& out, const HeaderView& header) const;
  // Decides about the connection and appends Date and Connection. `known`: the end of the body
  // shows without closing the connection.
  void connection_fields(std::string& out, const HttpResponseHead& head,
                         const http::FieldFacts& seen, bool known);
  void release_head(std::string& out, std::string_view first_piece);
  std::uint64_t frame_piece(std::string& out, std::uint64_t size);
  bool http11() const { return to_.version != HttpVersion::http10; }

  AnswerTo to_;
  Framing framing_ = Framing::none;
  bool close_ = false;
  bool refused_ = false;
  bool head_held_ = false;
  int status_ = 0;
  std::uint64_t body_bytes_ = 0;
  std::uint64_t length_left_ = 0;
  std::string_view body_;
  std::string held_head_;  // without its framing and type fields and the empty line
  std::string trailers_;   // as field lines
};

// The literal answer to a request that could not be parsed.
void write_refusal(std::string& out, int status, std::string_view reason);

}  // namespace rr::net::http1
