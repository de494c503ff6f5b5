// What HTTP/2 and HTTP/3 connections have in common, by their sockets (spec 02 §3.4, §5.5, §7.2):
// many streams, slow and rude clients. http2_test.cc and http3_test.cc hold what only one has.
#include "streams.h"

#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <string>
#include <type_traits>
#include <vector>

namespace rr::net::testing {
namespace {

using namespace std::chrono_literals;
using Fields = H2Client::Fields;
static_assert(std::is_same_v<Fields, H3Client::Fields>);

template <class Protocol>
class Streams : public StreamsFixture<Protocol> {};

struct Names {
  template <class Protocol>
  static std::string GetName(int) {
    return std::is_same_v<Protocol, Http2Protocol> ? "Http2" : "Http3";
  }
};
using Protocols = ::testing::Types<Http2Protocol, Http3Protocol>;
TYPED_TEST_SUITE(Streams, Protocols, Names);

// spec:02#56
TYPED_TEST(Streams, AnswersManyStreamsOfOneConnection) {
  // More than may be open at a time; some bodies are larger than a window.
  auto& one = this->client();
  std::map<int, std::string> asked;
  for (int i = 0; i < 300; ++i) {
    const std::string body = std::string(static_cast<std::size_t>(i) * 333, 'b');
    asked[one.request("POST", "/", {{"x-id", std::to_string(i)}}, body)] = body;
  }
  int number = 0;
  for (const auto& [stream, body] : asked) {
    const H2Answer* answer = one.wait(stream);
    ASSERT_TRUE(answer && answer->complete) << one.state();
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->field("x-id"), std::to_string(number++));
    EXPECT_EQ(answer->field("content-length"), std::to_string(body.size()));
    EXPECT_TRUE(answer->body == body);
  }
}

TYPED_TEST(Streams, ASlowStreamHoldsUpNoOther) {
  Gate gate;
  this->options_.crew.workers = 2;
  this->pages_["/wait"] = [&](HttpExchange& exchange) {
    gate.wait();
    respond_with(exchange, 200, {});
  };
  auto& one = this->client();
  const auto slow = one.request("GET", "/wait");
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(one.wait(one.request("GET", "/"))) << one.state();
  EXPECT_FALSE(one.answer(slow).over());
  gate.open();
  EXPECT_TRUE(one.wait(slow));
}

TYPED_TEST(Streams, WhatScriptsSeeOfARequest) {
  std::string seen;
  this->pages_["/p"] = [&](HttpExchange& exchange) {
    const HttpRequest& request = exchange.request();
    const HttpHead& head = request.head;
    seen = std::string(protocol_name(head.version)) + " " + std::string(request(head.method)) +
           " " + std::string(request(head.target)) + " " + std::string(request(head.query)) + " " +
           std::string(request(head.host)) + " " + std::string(request.field("Host")) + " " +
           std::string(request.field("Cookie")) + " " + std::string(request(head.content_type)) +
           " " + std::string(request(head.remote_address)) + (head.tls ? " tls" : "");
    respond_with(exchange, 200, {});
  };
  auto& one = this->client();
  ASSERT_TRUE(one.wait(one.request(
      "PUT", "/p?a=1", {{"cookie", "a=1"}, {"content-type", "text/x"}, {"cookie", "b=2"}})))
      << one.state();
  EXPECT_EQ(seen, std::string(TypeParam::kName) + " PUT /p?a=1 a=1 x x a=1; b=2 text/x 127.0.0.1" +
                      (TypeParam::secured() ? " tls" : ""));
}

// spec:02#84 spec:02#88 spec:02#89
TYPED_TEST(Streams, BodiesThatMayNotBe) {
  const auto page = [this](const char* path, int status, std::string length) {
    this->pages_[path] = [status, length](HttpExchange& exchange) {
      const HeaderView field{"Content-Length", length};
      const auto fields = length.empty() ? std::span<const HeaderView>() : std::span(&field, 1);
      exchange.respond({.status = status, .headers = fields}, PinnedBytes{"0123456789"});
    };
  };
  page("/204", 204, "");
  page("/304", 304, "");
  page("/long", 200, "5");
  page("/short", 200, "15");
  auto& one = this->client();
  const H2Answer* head = one.wait(one.request("HEAD", "/long"));
  ASSERT_TRUE(head && head->complete) << one.state();
  EXPECT_EQ(head->field("content-length"), "5");
  EXPECT_EQ(head->body, "");
  for (const char* path : {"/204", "/304"}) {
    const H2Answer* answer = one.wait(one.request("GET", path));
    ASSERT_TRUE(answer && answer->complete) << path;
    EXPECT_EQ(answer->body, "");
    EXPECT_EQ(answer->field("content-length"), "");
  }
  const H2Answer* cut = one.wait(one.request("GET", "/long"));
  ASSERT_TRUE(cut && cut->complete);
  EXPECT_EQ(cut->body, "01234");
  const H2Answer* missing = one.wait(one.request("GET", "/short"));
  ASSERT_TRUE(missing) << one.state();
  EXPECT_EQ(missing->reset, TypeParam::kInternalError);
  // QUIC may drop what it has not sent of a stream that is reset.
  if (std::is_same_v<TypeParam, Http2Protocol>) {
    EXPECT_EQ(missing->body, "0123456789");
  }
  EXPECT_TRUE(one.wait(one.request("GET", "/"))->complete);
}

// spec:02#29 spec:02#33
TYPED_TEST(Streams, StreamsWithInterimAnswersAndTrailers) {
  this->pages_["/"] = [](HttpExchange& exchange) {
    exchange.inform({.status = 103});
    const std::array headers{HeaderView{"Trailer", "X-Sum"}, HeaderView{"X-Sum", "9"},
                             HeaderView{"Connection", "close"}, HeaderView{"X-Upper", "A"}};
    exchange.start({.status = 200, .headers = headers});
    for (int i = 0; i < 10; ++i) exchange.write(PinnedBytes{"0123456789"});
    exchange.finish();
  };
  auto& one = this->client();
  const H2Answer* answer = one.wait(one.request("GET", "/"));
  ASSERT_TRUE(answer && answer->complete) << one.state();
  EXPECT_EQ(answer->interim, std::vector<int>{103});
  EXPECT_EQ(answer->body.size(), 100u);
  EXPECT_EQ(answer->field("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(answer->field("x-upper"), "A");
  EXPECT_EQ(answer->field("connection"), "");
  EXPECT_EQ(answer->field("x-sum"), "");
  ASSERT_EQ(answer->trailers.count("x-sum"), 1u);
  EXPECT_EQ(answer->trailers.find("x-sum")->second, "9");
}

TYPED_TEST(Streams, LargeBodiesBothWays) {
  this->options_.max_body = 64 << 20;
  const std::string body = lettered(10 << 20);
  auto& one = this->client();
  const H2Answer* answer = one.wait(one.request("POST", "/", {}, body));
  ASSERT_TRUE(answer && answer->complete) << one.state();
  EXPECT_TRUE(answer->body == body);
}

// spec:02#92
TYPED_TEST(Streams, MalformedRequestsAreResetAndTheConnectionGoesOn) {
  auto& one = this->client();
  const char* const scheme = TypeParam::kScheme;
  const Fields good{{":method", "GET"}, {":scheme", scheme}, {":authority", "x"}, {":path", "/"}};
  const auto with = [&](const char* name, const char* value) {
    Fields fields = good;
    fields.emplace_back(name, value);
    return fields;
  };
  std::vector<Fields> bad{
      with("connection", "close"),
      with("transfer-encoding", "chunked"),
      with("te", "gzip"),
      with(":path", "/again"),
      with("host", "other"),
      with("content-length", "x"),
      with("upgrade", "h2c"),
      with("if-modified-since", "\r"),
      {{":method", "GET"}, {":scheme", scheme}, {":authority", "x"}},
      {{":scheme", scheme}, {":authority", "x"}, {":path", "/"}},
      {{":method", "GET"}, {"x", "1"}, {":scheme", scheme}, {":authority", "x"}, {":path", "/"}}};
  // See Http3.FieldsThatMayNotBeAreLeftOut.
  if (std::is_same_v<TypeParam, Http2Protocol>) {
    bad.insert(bad.end(), {with("x", "a\r\nb"), with("bad name", "1")});
  }
  for (const Fields& fields : bad) {
    const H2Answer* answer = one.wait(one.raw_request(fields));
    ASSERT_TRUE(answer) << fields.back().first << " " << one.state();
    EXPECT_EQ(answer->reset, TypeParam::kMalformed) << fields.back().first << fields.back().second;
  }
  const H2Answer* mismatch = one.wait(one.request("POST", "/", {{"content-length", "5"}}, "abc"));
  ASSERT_TRUE(mismatch) << one.state();
  EXPECT_EQ(mismatch->reset, TypeParam::kMalformed);
  for (const char* path : {"/%zz", "*", "x"}) {
    const H2Answer* answer = one.wait(one.request("GET", path));
    ASSERT_TRUE(answer) << path << one.state();
    EXPECT_TRUE(answer->status == 400 || answer->reset == TypeParam::kMalformed) << path;
  }
  EXPECT_EQ(this->server().handler.counts().handled.load(), 0u);
  EXPECT_TRUE(one.wait(one.raw_request(good))->complete);
}

// spec:02#22 spec:02#77
TYPED_TEST(Streams, BodiesOverTheLimitAreRefused) {
  this->options_.max_body = 1000;
  auto& one = this->client();
  for (const bool declared : {true, false}) {
    const Fields length{{"content-length", "100000"}};
    const H2Answer* answer =
        one.wait(one.request("POST", "/", declared ? length : Fields{}, std::string(100'000, 'x')));
    ASSERT_TRUE(answer) << one.state();
    EXPECT_EQ(answer->status, 413);
  }
  EXPECT_TRUE(one.wait(one.request("POST", "/skip", {}, std::string(100'000, 'x'))));
  EXPECT_TRUE(one.wait(one.request("GET", "/"))->complete);
}

TYPED_TEST(Streams, AStreamThatTheClientResetsIsAborted) {
  Gate begun, reset;
  std::atomic<bool> aborted{false}, heard{true};
  this->pages_["/wait"] = [&](HttpExchange& exchange) {
    begun.open();
    aborted = eventually([&] { return exchange.aborted(); });
    heard = respond_with(exchange, 200, {});
    reset.open();
  };
  auto& one = this->client();
  const auto stream = one.request("GET", "/wait");
  one.wait(one.request("GET", "/"));
  ASSERT_TRUE(begun.wait());
  TypeParam::stop_reading(one, stream);
  one.wait(one.request("GET", "/"));
  ASSERT_TRUE(reset.wait());
  EXPECT_TRUE(aborted);
  EXPECT_FALSE(heard);
}

TYPED_TEST(Streams, AClientThatDoesNotReadAStreamHoldsNoScriptForLong) {
  this->limits().script_output_bytes = 100'000;
  this->limits().write = 300ms;
  std::atomic<bool> alive{true};
  Gate done;
  this->pages_["/big"] = [&](HttpExchange& exchange) {
    start_with(exchange, 200);
    const std::string piece(50'000, 'x');
    for (int i = 0; i < 100 && alive; ++i) alive = exchange.write(PinnedBytes{piece});
    done.open();
  };
  auto& one = this->client({.update_windows = false});
  const auto stream = one.request("GET", "/big");
  one.wait(one.request("GET", "/"));
  const H2Answer* answer = one.wait(stream);
  ASSERT_TRUE(answer) << one.state();
  EXPECT_EQ(answer->reset, TypeParam::kCancelled);
  ASSERT_TRUE(done.wait());
  EXPECT_FALSE(alive);
}

TYPED_TEST(Streams, AnAnswerNobodyReadsIsGivenUpAtTheDeadline) {
  this->limits().write = 200ms;
  PinCount pins;
  const std::string big(3'000'000, 'x');
  this->pages_["/big"] = [&](HttpExchange& exchange) {
    respond_with(exchange, 200, pins.pin(big));
  };
  auto& one = this->client({.update_windows = false});
  const H2Answer* answer = one.wait(one.request("GET", "/big"));
  ASSERT_TRUE(answer) << one.state();
  EXPECT_EQ(answer->reset, TypeParam::kCancelled);
  EXPECT_TRUE(eventually([&] { return pins.held == 0; }));
}

TYPED_TEST(Streams, APausedWriterGoesOnWhenTheWindowOpens) {
  this->limits().output_bytes = 10'000;
  Gate resumed;
  const auto open = [](void* gate) { static_cast<Gate*>(gate)->open(); };
  std::atomic<bool> paused{false};
  this->pages_["/paused"] = [&](HttpExchange& exchange) {
    start_with(exchange, 200);
    static_cast<http::Transaction&>(exchange).write_no_wait(PinnedBytes{std::string(200'000, 'x')});
    paused = exchange.congested(open, &resumed);
    if (paused) resumed.wait();
    exchange.finish();
  };
  auto& one = this->client(TypeParam::small_window());
  const auto stream = one.request("GET", "/paused");
  while (one.answer(stream).body.size() < 65000) ASSERT_TRUE(one.step()) << one.state();
  one.open_window(stream, 1'000'000);
  const H2Answer* answer = one.wait(stream);
  ASSERT_TRUE(answer && answer->complete) << one.state();
  EXPECT_EQ(answer->body.size(), 200'000u);
  EXPECT_TRUE(paused);
}

}  // namespace
}  // namespace rr::net::testing
