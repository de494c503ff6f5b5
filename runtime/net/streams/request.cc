#include "runtime/net/streams/request.h"

#include "runtime/net/http/chars.h"
#include "runtime/net/http/response.h"
#include "runtime/net/http/target.h"

namespace rr::net::streams {
namespace {

namespace chars = http::chars;

constexpr std::size_t kFieldOverhead = 32;  // as SETTINGS_MAX_HEADER_LIST_SIZE counts
constexpr std::string_view kHost = "host";
constexpr std::string_view kCookie = "cookie";

}  // namespace

void RequestBuilder::reset() {
  std::string cookies = std::move(cookies_);
  cookies.clear();
  if (cookies.capacity() > 64 * 1024) cookies.shrink_to_fit();
  *this = RequestBuilder();
  cookies_ = std::move(cookies);
}

bool RequestBuilder::field(http::RequestBlock& block, std::string_view name, std::string_view value,
                           std::size_t most) {
  bytes_ += name.size() + value.size() + kFieldOverhead;
  if (bytes_ > most) too_large_ = true;
  if (too_large_) return true;
  if (!name.empty() && name.front() == ':') return pseudo(block, name, value);
  value = chars::trim(value);
  // Many small cookies compress better; what reads them wants one.
  if (name == kCookie) {
    if (!cookies_.empty()) cookies_ += "; ";
    cookies_ += value;
    return true;
  }
  const HttpField field{block.append(name), block.append(value)};
  block.fields.push_back(field);
  if (name == kHost) {
    if (++hosts_ > 1) return false;
    host_ = field.value;
  } else if (name == "content-type") {
    if (block.head.content_type.offset == 0) block.head.content_type = field.value;
  } else if (name == "content-length") {
    block.head.content_length = chars::parse_length(value);
    if (block.head.content_length < 0) return false;
  } else if (name == "expect") {
    block.head.expect_continue = http::equals_ignoring_case(value, "100-continue");
  }
  return true;
}

// The session has seen to it that they come first, once each.
bool RequestBuilder::pseudo(http::RequestBlock& block, std::string_view name,
                            std::string_view value) {
  HttpHead& head = block.head;
  if (name == ":method") {
    head.method = block.append(value);
    head.head_method = value == "HEAD";
    return chars::all(value, chars::kToken) && !value.empty();
  }
  if (name == ":path") {
    has_path_ = true;
    head.target = block.append(value);
    return !value.empty();
  }
  if (name == ":authority") {
    has_authority_ = true;
    authority_ = block.append(value);
    return true;
  }
  if (name == ":scheme") {
    has_scheme_ = true;
    return true;
  }
  return false;
}

bool RequestBuilder::complete(http::RequestBlock& block, HttpVersion version, bool has_body) {
  HttpHead& head = block.head;
  const auto text = [&](TextSpan span) -> std::string_view {
    return {block.data() + span.offset, span.length};
  };
  head.version = version;
  if (too_large_) return true;
  const bool connect = text(head.method) == "CONNECT";
  if (head.method.length == 0 || (connect ? !has_authority_ || has_path_ : !has_path_))
    return false;
  if (has_authority_ && hosts_ > 0 && !http::equals_ignoring_case(text(authority_), text(host_))) {
    return false;
  }
  head.host = has_authority_ ? authority_ : host_;
  if (!text(head.host).empty() && !http::valid_authority(text(head.host), http::Port::optional)) {
    bad_target_ = true;
  }
  if (connect) head.target = authority_;
  if (!read_target(block, text(head.target), connect)) bad_target_ = true;
  if (has_authority_ && hosts_ == 0) {
    const TextSpan name = block.append(kHost);
    block.fields.push_back({name, authority_});
  }
  if (!cookies_.empty()) {
    const TextSpan name = block.append(kCookie);
    block.fields.push_back({name, block.append(cookies_)});
  }
  // A body whose length nobody said, as in chunks.
  head.chunked = has_body && head.content_length < 0;
  return true;
}

bool RequestBuilder::read_target(http::RequestBlock& block, std::string_view target, bool connect) {
  HttpHead& head = block.head;
  if (connect) return http::valid_authority(target, http::Port::required);
  const auto* end = target.data() + target.size();
  if (chars::find_target_end(target.data(), end) != end) return false;
  if (target == "*") {
    head.path = head.target;
    return std::string_view(block.data() + head.method.offset, head.method.length) == "OPTIONS";
  }
  if (target.front() != '/') return false;
  const std::size_t mark = target.find('?');
  head.path = {head.target.offset, static_cast<std::uint32_t>(std::min(mark, target.size()))};
  if (mark != std::string_view::npos) {
    const auto after = static_cast<std::uint32_t>(mark + 1);
    head.query = {head.target.offset + after, head.target.length - after};
  }
  return http::valid_escapes(target.substr(0, mark));
}

}  // namespace rr::net::streams
