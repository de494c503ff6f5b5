// HTTP/1.x requests, sans I/O (RFC 9112; spec 02 §2.2, §6, §7.2): bytes in, heads and body pieces
// out. Strict: whatever two parsers could read differently is refused. Fuzzed: how the bytes are
// cut into reads never changes the result.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "runtime/net/http/request_block.h"

namespace rr::net::http1 {

struct Limits {
  std::size_t head_bytes = 1024 * 1024 + 4096;  // request line and header fields
  std::size_t trailer_bytes = 64 * 1024;
};

// A refusal: the connection answers with it, literally, and closes. `reason` goes into the status
// line and the body (spec 02 §6, rows marked with a dagger): "400 Bad Request: invalid header
// name".
struct Refusal {
  int status = 400;
  std::string_view reason;  // static text, may be empty
};

enum class HeadResult : std::uint8_t {
  incomplete,  // more bytes are needed
  complete,    // block.head and block.fields are filled
  refused,     // see refusal()
};

// Parses one head. Call with all bytes so far after each read; scanning goes on where it stopped.
class HeadParser {
 public:
  explicit HeadParser(const Limits& limits) : limits_(limits) {}

  // Reads block.data()[0, size) of a cleared block. On complete head_size() bytes belong to the
  // head. Leading empty lines (at most two) are tolerated. Spans of absent parts are {0, 0}; a bare
  // "?" ends in an empty query whose offset is not 0. head.host: of an absolute-form target without
  // its userinfo, of CONNECT the whole target, else the Host field. head.expect_continue is set
  // only where the client really waits: HTTP/1.1 with a body.
  HeadResult parse(http::RequestBlock& block);
  std::size_t head_size() const { return head_size_; }
  const Refusal& refusal() const { return refusal_; }
  // Complete, but with an expectation other than 100-continue: the connection answers 417, closes.
  bool expectation_failed() const { return expectation_failed_; }
  // At least one byte of a request has been seen.
  bool begun() const { return scanned_ > 0; }
  void reset();

 private:
  enum class Line : std::uint8_t { whole, last, partial, bad, hopeless };

  Line request_line(http::RequestBlock& block, const char*& at, const char* end);
  Line field_line(http::RequestBlock& block, const char*& at, const char* end);
  bool read_target(http::RequestBlock& block, std::string_view method, TextSpan target);
  void recognise(http::RequestBlock& block, std::string_view name, TextSpan value);
  HeadResult complete(http::RequestBlock& block);
  HeadResult refuse(int status, std::string_view reason);

  Limits limits_;
  std::size_t scanned_ = 0;  // bytes known to hold no further end of line
  std::size_t line_ = 0;     // where the line in hand starts
  std::size_t head_size_ = 0;
  Refusal refusal_;

  // What the lines so far said.
  bool refused_ = false;
  bool in_fields_ = false;
  bool expectation_failed_ = false;
  bool expects_continue_ = false;
  bool close_ = false;
  bool keep_alive_ = false;
  bool bad_name_ = false;
  bool bad_length_ = false;
  bool bad_coding_ = false;
  std::uint8_t empty_lines_ = 0;
  std::uint8_t hosts_ = 0;    // saturated at 2
  std::uint8_t codings_ = 0;  // Transfer-Encoding lines, saturated at 2
  std::uint8_t lengths_ = 0;  // Content-Length lines, saturated at 2
  TextSpan host_;
  TextSpan length_;
};

// Takes a chunked body apart.
class ChunkedDecoder {
 public:
  explicit ChunkedDecoder(const Limits& limits) : limits_(limits) {}

  enum class Step : std::uint8_t { more, data, done, malformed };
  // Consumes from `input` (advances it). On `data`, `piece` is a run of body bytes inside the
  // input; call again. `more`: all of the input is consumed. `done`: the last chunk and the
  // (discarded) trailers were read; what is left of the input is the next request. `malformed`
  // stays.
  Step next(std::string_view& input, std::string_view& piece);
  // Malformed: what RoadRunner's answer says after "serve_http: ".
  std::string_view reason() const { return reason_; }
  void reset();

 private:
  enum class State : std::uint8_t {
    size,              // of a chunk, first digit
    digits,            // further digits
    before_extension,  // white space between size and ";"
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer_start,
    trailer_name,
    trailer_value,
    trailer_lf,
    last_lf,
    done,
    malformed,
  };
  Step fail(std::string_view reason);

  Limits limits_;
  std::uint64_t left_ = 0;  // of the current chunk
  std::size_t extra_ = 0;   // framing that no data paid for; then bytes of trailers
  std::size_t line_ = 0;    // bytes of the chunk-size line in hand
  State state_ = State::size;
  std::uint8_t digits_ = 0;
  std::string_view reason_;
};

}  // namespace rr::net::http1
