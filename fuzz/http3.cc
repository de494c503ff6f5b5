// What we make of a client's bytes in HTTP/3, without QUIC's encryption: streams through our
// session and request builder, and packets of nobody through the doorkeeper.
//
// The first byte says which. For streams, then: pieces of (stream, flags and size, bytes). Every
// request that is complete is answered; every stream that began must end.
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/net/http/request_block.h"
#include "runtime/net/http3/doorkeeper.h"
#include "runtime/net/http3/session.h"
#include "runtime/net/streams/request.h"

namespace {

using namespace rr;
using namespace rr::net;

void require(bool holds) {
  if (!holds) std::abort();
}

constexpr http3::SessionLimits kLimits{
    .streams = 8, .head = 4096, .unacknowledged = 64 * 1024, .work = 300};

struct Stream final : http3::SessionStream {
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

class Peer final : public http3::SessionEvents, private http3::Transport {
 public:
  void run(std::string_view input) {
    http3::Session session(*this, *this, kLimits);
    session_ = &session;
    require(session.start(3, 7, 11));
    TimePoint now{};
    while (input.size() >= 2) {
      const auto head = static_cast<unsigned char>(input[0]);
      const auto size = static_cast<std::size_t>(static_cast<unsigned char>(input[1]));
      input.remove_prefix(2);
      // Streams a client may open: 0, 4, 8, … requests, 2, 6, 10, … others.
      const std::int64_t stream = (head & 7) * 4 + ((head & 8) ? 2 : 0);
      const bool end = (head & 16) != 0;
      const std::string_view bytes = input.substr(0, size);
      input.remove_prefix(bytes.size());
      if (ended_.contains(stream)) continue;
      if (end || (head & 32)) ended_.insert(stream);
      const bool alive = (head & 32)
                             ? session.reset(stream, now) && session.closed(stream, 0x10c, now)
                             : session.feed(stream, bytes, end);
      if (!alive || !answer_all() || !take_output()) break;
    }
  }

  http3::SessionStream* begin() override {
    if (streams_.size() >= kLimits.streams) return nullptr;
    auto stream = std::make_unique<Stream>();
    Stream* const raw = stream.get();
    streams_[raw] = std::move(stream);
    return raw;
  }
  bool field(http3::SessionStream& stream, std::string_view name, std::string_view value) override {
    Stream& one = own(stream);
    return one.builder.field(one.block, name, value, kLimits.head);
  }
  bool head(http3::SessionStream& stream, bool has_body) override {
    Stream& one = own(stream);
    if (!one.builder.complete(one.block, HttpVersion::http3, has_body)) return false;
    if (one.builder.too_large() || one.builder.bad_target()) return true;
    check(one.block);
    return true;
  }
  void data(http3::SessionStream& stream, std::string_view bytes) override {
    own(stream).body += bytes;
  }
  void complete(http3::SessionStream& stream) override {
    Stream& one = own(stream);
    require(!one.complete);
    one.complete = true;
    ready_.push_back(&one);
  }
  void closed(http3::SessionStream& stream) override {
    std::erase(ready_, &own(stream));
    streams_.erase(&own(stream));
  }

 private:
  void stop_reading(std::int64_t, std::uint64_t) override {}
  void stop_writing(std::int64_t, std::uint64_t) override {}
  void consumed(std::int64_t, std::size_t) override {}
  void allow_request() override {}

  Stream& own(http3::SessionStream& stream) {
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
  bool answer_all() {
    for (Stream* stream : std::exchange(ready_, {})) {
      stream->answer = stream->body + "answer";
      const HeaderView field{"x-size", "1"};
      session_->answer(*stream, 200, {&field, 1}, true);
    }
    return true;
  }
  // Everything is sent and acknowledged at once; a stream whose both ends are over closes.
  bool take_output() {
    for (int i = 0; i < 1000; ++i) {
      http3::Session::Output output;
      if (!session_->produce(output)) return false;
      if (output.stream < 0 && !session_->settle()) return true;
      if (output.stream < 0) continue;
      std::size_t size = 0;
      for (const auto& part : output.parts) size += part.size;
      if (!session_->sent(output.stream, size, output.end)) return false;
      if (!session_->acknowledged(output.stream, size)) return false;
      if (output.end && !session_->closed(output.stream, 0x100, {})) return false;
      if (output.end) ended_.insert(output.stream);
    }
    return true;
  }

  http3::Session* session_ = nullptr;
  std::map<Stream*, std::unique_ptr<Stream>> streams_;
  std::vector<Stream*> ready_;
  std::set<std::int64_t> ended_;
};

void meet(std::string_view input) {
  static const http3::Secrets secrets;
  http3::Doorkeeper doorkeeper(secrets);
  if (input.empty()) return;
  const auto mood = static_cast<http3::Mood>(static_cast<unsigned char>(input[0]) % 4);
  http3::Datagram packet;
  packet.remote.v4.sin_family = packet.local.v4.sin_family = AF_INET;
  packet.remote.size = packet.local.size = sizeof(sockaddr_in);
  // First packets are long: with nothing behind, most would not be looked at.
  std::string bytes(input.substr(1));
  bytes.resize(std::max<std::size_t>(bytes.size(), (input[0] & 64) ? 1200 : 0));
  packet.bytes = bytes;
  const auto verdict = doorkeeper.judge(packet, mood, TimePoint(std::chrono::hours(1)));
  require(verdict.reply.size() <= std::max<std::size_t>(bytes.size(), 1));
  require(!verdict.opening || verdict.reply.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 0) {
    Peer().run(input);
  } else {
    meet(input);
  }
  return 0;
}
