// HTTP/1.x requests, sans I/O (RFC 9112; spec 02 §2.2, §6, §7.2): bytes in, heads and body pieces
// out. Strict: whatever two parsers could read differently is refused. Fuzzed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/net/http/request_block.h"

namespace rr::net::http1 {

struct Limits {
  std::size_t head_bytes = 1024 * 1024 + 4096;  // request line and header fields
  std::size_t trailer_bytes = 64 * 1024;
};

// A refusal: the connection answers with it, literally, and closes. `reason` goes into the status
// line and the body (spec 02 §6, rows marked with a dagger): "400 Bad Request: invalid header name".
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

  // Reads block.data()[0, size). On complete head_size() bytes belong to the head. Leading empty
  // lines (at most two) are tolerated.
  HeadResult parse(http::RequestBlock& block);
  std::size_t head_size() const { return head_size_; }
  const Refusal& refusal() const { return refusal_; }
  // At least one byte of a request has been seen.
  bool begun() const { return scanned_ > 0; }
  void reset();

 private:
  Limits limits_;
  std::size_t scanned_ = 0;
  std::size_t head_size_ = 0;
  Refusal refusal_;
};

// Takes a chunked body apart.
class ChunkedDecoder {
 public:
  explicit ChunkedDecoder(const Limits& limits) : limits_(limits) {}

  enum class Step : std::uint8_t { more, data, done, malformed };
  // Consumes from `input` (advances it). On `data`, `piece` is a run of body bytes inside the input;
  // call again. `done`: the last chunk and the (discarded) trailers were read.
  Step next(std::string_view& input, std::string_view& piece);
  void reset();

 private:
  Limits limits_;
  std::uint64_t left_ = 0;  // of the current chunk
  std::size_t extra_ = 0;   // bytes of extensions and trailers
  std::uint8_t state_ = 0;
  std::uint8_t digits_ = 0;
};

}  // namespace rr::net::http1
