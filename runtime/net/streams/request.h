// The head of a request that came as fields (RFC 9113 §8.3, RFC 9114 §4.3), put into the block that
// workers read. Sans I/O. Fuzzed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/net/http/request_block.h"

namespace rr::net::streams {

// One request at a time; reset() between them.
class RequestBuilder {
 public:
  void reset();

  // Takes the next field. False: no request can begin so. Of a head that is longer than `most`
  // bytes the rest is dropped, see too_large().
  bool field(http::RequestBlock& block, std::string_view name, std::string_view value,
             std::size_t most);
  // All fields are there. False: malformed. Then block.head and block.fields are complete: crumbs
  // of cookies are one field, and Host is one even where the client said only ":authority".
  bool complete(http::RequestBlock& block, HttpVersion version, bool has_body);

  bool too_large() const { return too_large_; }
  // The head is complete, but its target is none that HTTP/1.1 would accept: 400.
  bool bad_target() const { return bad_target_; }

 private:
  bool pseudo(http::RequestBlock& block, std::string_view name, std::string_view value);
  bool read_target(http::RequestBlock& block, std::string_view target, bool connect);

  std::size_t bytes_ = 0;
  bool too_large_ = false;
  bool bad_target_ = false;
  bool has_path_ = false;
  bool has_scheme_ = false;
  bool has_authority_ = false;
  std::uint8_t hosts_ = 0;
  TextSpan authority_;
  TextSpan host_;
  std::string cookies_;
};

}  // namespace rr::net::streams
