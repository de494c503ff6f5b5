// The native view of an HTTP exchange: what an interpreter on a thread reads in place, and how it
// answers. Filled once by whoever parsed the request (HTTP/1.1, later HTTP/2, HTTP/3, FastCGI).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "rr/exchange.h"

namespace rr {

// A piece of the request's text: offset and length within HttpRequest::text.
struct TextSpan {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
};

// One field line. Name as received (HTTP/2: lower case); value without surrounding white space.
struct HttpField {
  TextSpan name;
  TextSpan value;
};

enum class HttpVersion : std::uint8_t { http10, http11, http2, http3 };
// "HTTP/1.1" and the like, as scripts see it; static text.
std::string_view protocol_name(HttpVersion version);

// Plain data of one request without pointers: it may lie in shared memory one day (worker kind
// `fork`). Spans point into the text that follows it, see HttpRequest.
struct HttpHead {
  HttpVersion version = HttpVersion::http11;
  bool tls = false;
  bool head_method = false;      // HEAD: the answer has no body
  bool expect_continue = false;  // Expect: 100-continue
  bool chunked = false;          // body came chunked; content_length is then -1
  bool keep_alive = true;        // what the client asked for
  std::uint16_t remote_port = 0;
  std::uint16_t local_port = 0;
  std::int64_t content_length = -1;  // as declared, -1 none
  TextSpan method;
  TextSpan target;            // as sent: "/p?q", "*", "http://h/p", "h:443" (CONNECT)
  TextSpan path;              // of the target, percent-encoding as sent
  TextSpan query;             // after the first '?', without it
  TextSpan scheme_authority;  // absolute-form only: "http://host:port"
  TextSpan host;              // Host field or authority; empty when absent
  TextSpan content_type;      // empty when absent
  TextSpan remote_address;  // "127.0.0.1", "::1", "@" for a unix socket; not in the client's bytes
  TextSpan local_address;
};

// A request in memory. Views are valid until the exchange ends.
struct HttpRequest {
  HttpHead head;
  const char* text = nullptr;
  std::span<const HttpField> fields;  // every field line in order
  // What middleware noted for PHP (Request::$attributes), in order; a name may come again.
  std::span<const HttpField> attributes;
  std::string_view body;              // decoded, whole
  TimePoint received;                 // first byte
  std::int64_t received_unix_us = 0;  // same moment, wall clock

  std::string_view operator()(TextSpan span) const { return {text + span.offset, span.length}; }
  // First field of that name (case-insensitive), empty when absent.
  std::string_view field(std::string_view name) const;
};

struct HeaderView {
  std::string_view name;
  std::string_view value;
};

// Bytes that their owner keeps unchanged until `release(owner)` is called, once, from any thread.
// Without `release` the bytes are only borrowed for the call.
struct PinnedBytes {
  std::string_view bytes;
  void (*release)(void* owner) = nullptr;
  void* owner = nullptr;
};

// A range of an open file as a body, or a part of one. Its owner keeps the descriptor open, and the
// file readable, until `release(owner)` is called, once, from any thread. The file may be shorter
// by now: what is missing ends the connection. Its position is not used.
struct FileBytes {
  int descriptor = -1;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  void (*release)(void* owner) = nullptr;
  void* owner = nullptr;
};

// What an answer starts with. Framing (Content-Length, chunks), Date and content sniffing are added
// by whoever writes it; hop-by-hop fields of `headers` are dealt with there (spec 02 §3.4).
struct HttpResponseHead {
  int status = 200;
  std::string_view reason;  // empty: the standard phrase
  std::span<const HeaderView> headers;
};

// Calls that write return false when the client is gone or somebody else has answered (exec_ttl):
// nothing more is wanted then. They never wait except `write`, which waits at most the write
// deadline when the client does not read.
class HttpExchange : public Exchange {
 public:
  HttpExchange* http() final { return this; }

  virtual const HttpRequest& request() const = 0;

  // Interim response (1xx, not 101). Dropped for HTTP/1.0 clients. Any number before the final
  // head.
  virtual bool inform(const HttpResponseHead& head) = 0;
  // The whole answer at once.
  virtual bool respond(const HttpResponseHead& head, PinnedBytes body) = 0;
  // A streamed answer: start, any number of writes, finish. Each non-empty write is sent at once.
  virtual bool start(const HttpResponseHead& head) = 0;
  virtual bool write(PinnedBytes chunk) = 0;
  // The same with a file as the body (sendfile where the connection can). `head` has its
  // Content-Type: nothing is sniffed.
  virtual bool respond_file(const HttpResponseHead& head, FileBytes body) = 0;
  virtual bool write_file(FileBytes chunk) = 0;
  // Between start and finish: the fields that the `Trailer` field among them names follow the body,
  // in place of earlier ones of the same name. Left out where an answer cannot have any.
  virtual bool add_trailers(std::span<const HeaderView> fields) = 0;
  virtual bool finish() = 0;
  // A final head was given (respond or start).
  virtual bool started() const = 0;
};

}  // namespace rr
