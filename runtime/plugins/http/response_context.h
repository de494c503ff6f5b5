// The context of a worker's answer: status and headers, JSON or protobuf (http.v1.Response),
// whatever the codec of the request was (spec 02 §2.1, §3.1). The bytes come from PHP scripts:
// fuzzed.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rr/http.h"
#include "rr/result.h"

namespace rr::http {

// Decodes one context after the other, keeping its memory. One owner at a time.
class ResponseContext {
 public:
  // `flags` of the frame say the codec; without a codec bit a context that begins with '{' is JSON.
  // An empty context needs no codec: it has no head. Errors (Errc::decode): `unknown payload codec:
  // N`, `malformed JSON context: …`, `malformed protobuf context`; the answer is then
  // internal_error_code, and has_head() false.
  Result<void> decode(std::uint8_t flags, std::string_view context);

  bool has_head() const { return has_head_; }
  // As sent; see valid_status(). 0 when the context does not say.
  std::int64_t status() const { return status_; }
  // One a value, in order; names and values as sent, not checked for what HTTP allows. Views into
  // the context or into this, good until the next decode() and while the context's bytes are.
  std::span<const HeaderView> headers() const { return headers_; }

 private:
  friend class JsonReader;
  friend class ProtoReader;

  bool has_head_ = false;
  std::int64_t status_ = 0;
  std::vector<HeaderView> headers_;
  std::string unescaped_;
};

// 100 to 599. Anything else is answered with 500 and unknown_status_text().
constexpr bool valid_status(std::int64_t status) {
  return status >= 100 && status < 600;
}

// "unknown status code from worker: N\n".
std::string unknown_status_text(std::int64_t status);

}  // namespace rr::http
