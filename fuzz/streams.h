// What fuzz targets of HTTP/2 and of HTTP/3 do with the requests that come out of a session: build
// them, check them, answer each that is complete.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/net/http/request_block.h"
#include "runtime/net/streams/request.h"
#include "runtime/net/streams/session.h"

namespace rr::net::fuzz {

inline void require(bool holds) {
  if (!holds) std::abort();
}

struct Stream final : streams::SessionStream {
  http::RequestBlock block;
  streams::RequestBuilder builder;
  std::string body;
  std::string answer;
  bool complete = false;

  Taken take_body(char* into, std::size_t room) override {
    const std::size_t size = std::min(room, answer.size());
    answer.copy(into, size);
    answer.erase(0, size);
    return {.size = size, .end = answer.empty()};
  }
  std::span<const HeaderView> take_trailers() override { return {}; }
};

// The other side of one session, for as long as that lives.
class Requests final : public streams::SessionEvents {
 public:
  Requests(HttpVersion version, std::uint32_t most, std::uint32_t head)
      : version_(version), most_(most), head_limit_(head) {}

  void answer_all(streams::Session& session) {
    for (Stream* stream : std::exchange(ready_, {})) {
      stream->answer = stream->body + "answer";
      const HeaderView field{"x-size", "1"};
      session.answer(*stream, 200, {&field, 1}, true);
    }
  }
  // Each complete request, in order.
  const std::string& seen() const { return seen_; }

  streams::SessionStream* begin() override {
    if (streams_.size() >= most_) return nullptr;
    auto stream = std::make_unique<Stream>();
    Stream* const raw = stream.get();
    streams_[raw] = std::move(stream);
    return raw;
  }
  bool field(streams::SessionStream& stream, std::string_view name,
             std::string_view value) override {
    Stream& one = own(stream);
    return one.builder.field(one.block, name, value, head_limit_);
  }
  bool head(streams::SessionStream& stream, bool has_body) override {
    Stream& one = own(stream);
    if (!one.builder.complete(one.block, version_, has_body)) return false;
    if (one.builder.too_large() || one.builder.bad_target()) return true;
    check(one.block);
    return true;
  }
  void data(streams::SessionStream& stream, std::string_view bytes) override {
    own(stream).body += bytes;
  }
  void complete(streams::SessionStream& stream) override {
    Stream& one = own(stream);
    require(!one.complete);
    one.complete = true;
    ready_.push_back(&one);
    for (const HttpField& field : one.block.fields) {
      seen_ += text(one.block, field.name) + ":" + text(one.block, field.value) + "\n";
    }
    seen_ += one.body + "\n--\n";
  }
  void closed(streams::SessionStream& stream) override {
    std::erase(ready_, &own(stream));
    streams_.erase(&own(stream));
  }

 private:
  Stream& own(streams::SessionStream& stream) {
    const auto found = streams_.find(static_cast<Stream*>(&stream));
    require(found != streams_.end());  // nothing is said of a stream that is over
    return *found->second;
  }
  static std::string text(const http::RequestBlock& block, TextSpan span) {
    require(span.offset + std::uint64_t{span.length} <= block.size());
    return {block.data() + span.offset, span.length};
  }
  static void check(const http::RequestBlock& block) {
    const HttpHead& head = block.head;
    require(!text(block, head.method).empty());
    const std::string target = text(block, head.target);
    require(target.find_first_of(" \r\n") == std::string::npos);
    require(target.find(text(block, head.path)) != std::string::npos);
    text(block, head.query);
    text(block, head.host);
    text(block, head.content_type);
    for (const HttpField& field : block.fields) {
      require(text(block, field.value).find_first_of("\r\n") == std::string::npos);
    }
  }

  const HttpVersion version_;
  const std::uint32_t most_;
  const std::uint32_t head_limit_;
  std::map<Stream*, std::unique_ptr<Stream>> streams_;
  std::vector<Stream*> ready_;
  std::string seen_;
};

}  // namespace rr::net::fuzz
