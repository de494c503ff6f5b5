// The context of a request frame: what a worker is told about a request besides its body (spec 02
// §2.1, §2.4). JSON by default, protobuf (http.v1.Request) with `http.codec: proto`.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rr/http.h"
#include "runtime/plugins/http/cookies.h"

namespace rr::http {

enum class ContextCodec : std::uint8_t { json, proto };

// The flag bit of a frame that carries it (CODEC_JSON, CODEC_PROTO).
constexpr std::uint8_t codec_flag(ContextCodec codec) {
  return codec == ContextCodec::json ? 0x08 : 0x80;
}

// Canonical form of a field name: "x-foo-bar" becomes "X-Foo-Bar"; with a byte that is no token it
// stays as it is. `out` has room for the name; returns its end.
char* write_canonical_name(std::string_view name, char* out);

// What a context is made from. Views are read during the call only.
struct ContextInput {
  const HttpRequest& request;
  std::string_view remote_address;  // of the peer, or what middleware put in its place
  bool parsed = false;              // the body is the JSON of a form
  std::string_view uploads;         // JSON of the files; empty: no multipart body was parsed
  std::span<const HeaderView> attributes = {};  // what middleware set, in order

  explicit ContextInput(const HttpRequest& request)
      : request(request), remote_address(request(request.head.remote_address)) {}
};

// Encodes one context after the other and keeps its memory: no allocation once it is warm. One
// owner at a time (a thread has one). Any request can be encoded; bytes that are no UTF-8 become
// U+FFFD in JSON and in protobuf strings, and stay as they are in protobuf header and cookie
// values.
class ContextEncoder {
 public:
  // Replaces `out`.
  void encode(ContextCodec codec, const ContextInput& input, std::string& out);

 private:
  void encode_json(const ContextInput& input, std::string& out);
  void encode_proto(const ContextInput& input, std::string& out);
  void group_fields(const HttpRequest& request);
  void group_many(const HttpRequest& request);

  // Fields of one name as lists: `heads_` are the first ones, next_[i] follows field i.
  std::vector<std::uint32_t> heads_;
  std::vector<std::uint32_t> next_;
  std::vector<std::uint32_t> order_;
  Cookies cookies_;
  std::string uri_;
  std::string query_;
  std::string name_;
};

}  // namespace rr::http
