// HTTP/2 bytes of a client through our session and request builder, all at once and cut into small
// reads: both must see the same requests. Every request that is complete is answered, so that
// answers, windows and resets meet as well; every stream that began must end.
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/net/http/request_block.h"
#include "runtime/net/http2/session.h"
#include "runtime/net/streams/request.h"

namespace {

using namespace rr;
using namespace rr::net;

void require(bool holds) {
  if (!holds) std::abort();
}

constexpr http2::SessionLimits kLimits{
    .streams = 8, .window = 65535, .frame = 16384, .head = 4096, .work = 300};

struct Stream final : http2::SessionStream {
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

class Peer final : public http2::SessionEvents {
 public:
  // What was seen of each complete request, in order.
  std::string run(std::string_view bytes, std::size_t at_a_time) {
    TimePoint now{};
    {
      http2::Session session(*this, kLimits);
      session_ = &session;
      ByteBuffer out;
      while (!bytes.empty()) {
        const std::string_view part = bytes.substr(0, at_a_time);
        bytes.remove_prefix(part.size());
        const bool alive = session.feed(part, now);
        answer_all();
        session.produce(out, 1 << 20);
        out.clear();
        if (!alive || session.over()) break;
      }
    }
    return seen_;
  }

  http2::SessionStream* begin() override {
    if (streams_.size() >= kLimits.streams) return nullptr;
    auto stream = std::make_unique<Stream>();
    Stream* const raw = stream.get();
    streams_[raw] = std::move(stream);
    return raw;
  }
  bool field(http2::SessionStream& stream, std::string_view name, std::string_view value) override {
    Stream& one = own(stream);
    return one.builder.field(one.block, name, value, kLimits.head);
  }
  bool head(http2::SessionStream& stream, bool has_body) override {
    Stream& one = own(stream);
    if (!one.builder.complete(one.block, HttpVersion::http2, has_body)) return false;
    if (one.builder.too_large() || one.builder.bad_target()) return true;
    check(one.block);
    return true;
  }
  void data(http2::SessionStream& stream, std::string_view bytes) override {
    own(stream).body += bytes;
  }
  void complete(http2::SessionStream& stream) override {
    Stream& one = own(stream);
    require(!one.complete);
    one.complete = true;
    ready_.push_back(&one);
    for (const HttpField& field : one.block.fields) {
      seen_ += text(one.block, field.name) + ":" + text(one.block, field.value) + "\n";
    }
    seen_ += one.body + "\n--\n";
  }
  void closed(http2::SessionStream& stream) override {
    std::erase(ready_, &own(stream));
    streams_.erase(&own(stream));
  }

 private:
  Stream& own(http2::SessionStream& stream) {
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
  void answer_all() {
    for (Stream* stream : std::exchange(ready_, {})) {
      stream->answer = stream->body + "answer";
      const HeaderView field{"x-size", "1"};
      session_->answer(*stream, 200, {&field, 1}, true);
    }
  }

  http2::Session* session_ = nullptr;
  std::map<Stream*, std::unique_ptr<Stream>> streams_;
  std::vector<Stream*> ready_;
  std::string seen_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  // The preface is always there: without it nothing else is reached.
  std::string bytes = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  bytes.append(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string whole = Peer().run(bytes, SIZE_MAX);
  const std::string pieces = Peer().run(bytes, 1 + data[0] % 16);
  // Answers come earlier when bytes come in pieces, and so may an end: the beginning is the same.
  require(whole.starts_with(pieces) || pieces.starts_with(whole));
  return 0;
}
