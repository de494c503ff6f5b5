// A request made from its text, as the HTTP/1.1 parser would leave it. For tests, fuzzing,
// benchmarks.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "rr/http.h"

namespace rr::http {

class SampleRequest {
 public:
  // Head with CR LF line ends, then the body.
  explicit SampleRequest(std::string text, const std::string& remote = "127.0.0.1")
      : text_(std::move(text)) {
    std::size_t at = 0;
    const TextSpan first = line(at);
    const std::size_t space = text_.find(' ');
    const std::size_t last = text_.rfind(' ', first.length);
    HttpHead& head = request_.head;
    head.method = span(0, space);
    head.target = span(space + 1, last);
    head.version =
        text_.compare(last + 1, 8, "HTTP/1.0") == 0 ? HttpVersion::http10 : HttpVersion::http11;
    split_target();
    for (TextSpan field = line(at); field.length > 0; field = line(at)) add_field(field);
    const std::size_t body = at;
    head.head_method = view(head.method) == "HEAD";
    body_ = text_.substr(body);
    text_.resize(body);
    const std::size_t address = text_.size();
    text_ += remote;
    head.remote_address = span(address, text_.size());
    request_.text = text_.data();
    request_.fields = fields_;
    request_.body = body_;
  }
  SampleRequest(const SampleRequest&) = delete;
  SampleRequest& operator=(const SampleRequest&) = delete;

  HttpRequest& operator*() { return request_; }
  HttpRequest* operator->() { return &request_; }

 private:
  static TextSpan span(std::size_t begin, std::size_t end) {
    return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end - begin)};
  }
  std::string_view view(TextSpan s) const {
    return std::string_view(text_).substr(s.offset, s.length);
  }

  TextSpan line(std::size_t& at) {
    const std::size_t begin = std::min(at, text_.size());
    const std::size_t end = std::min(text_.find("\r\n", begin), text_.size());
    at = std::min(end + 2, text_.size());
    return span(begin, end);
  }

  void split_target() {
    HttpHead& head = request_.head;
    std::size_t begin = head.target.offset;
    const std::size_t end = begin + head.target.length;
    const std::string_view target = view(head.target);
    if (const std::size_t scheme = target.find("://");
        scheme != target.npos && scheme < target.find_first_of("/?")) {
      const std::size_t path = std::min(target.find_first_of("/?", scheme + 3), target.size());
      head.scheme_authority = span(begin, begin + path);
      begin += path;
    } else if (view(head.method) == "CONNECT") {
      return;
    }
    const std::size_t mark = std::min(text_.find('?', begin), end);
    head.path = span(begin, mark);
    head.query = span(std::min(mark + 1, end), end);
  }

  void add_field(TextSpan field) {
    const std::size_t colon = text_.find(':', field.offset);
    std::size_t begin = colon + 1;
    std::size_t end = field.offset + field.length;
    const auto blank = [&](std::size_t i) { return text_[i] == ' ' || text_[i] == '\t'; };
    while (begin < end && blank(begin)) ++begin;
    while (end > begin && blank(end - 1)) --end;
    fields_.push_back({span(field.offset, colon), span(begin, end)});
    std::string name(view(fields_.back().name));
    for (char& c : name) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    HttpHead& head = request_.head;
    if (name == "host") head.host = fields_.back().value;
    if (name == "content-type" && head.content_type.length == 0)
      head.content_type = fields_.back().value;
    if (name == "content-length")
      head.content_length = std::stoll(std::string(view(fields_.back().value)));
    if (name == "transfer-encoding") head.chunked = true;
  }

  std::string text_;
  std::string body_;
  std::vector<HttpField> fields_;
  HttpRequest request_;
};

}  // namespace rr::http
