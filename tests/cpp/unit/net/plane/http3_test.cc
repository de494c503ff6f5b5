// HTTP/3 connections by their packets (spec 02 §3.4, §5.5, §7.2): many streams, slow and rude
// clients.
#include <array>
#include <chrono>
#include <map>
#include <memory>
#include <thread>

#include <gtest/gtest.h>

#include "gate.h"
#include "h3_client.h"
#include "test_server.h"

namespace rr::net::testing {
namespace {

using namespace std::chrono_literals;
using After = ScriptedOptions::After;
constexpr int kMessageError = 0x10e;
constexpr int kCancelled = 0x10c;
constexpr int kInternalError = 0x102;
constexpr int kNoError = 0x100;
constexpr int kExcessiveLoad = 0x107;
constexpr int kConnectionRefused = 0x2;  // of QUIC, as all below
constexpr int kCryptoError = 0x100;

class Http3 : public ::testing::Test {
 protected:
  Http3() { options_.quic.emplace(); }
  TestServer& server() {
    if (!server_) {
      options_.crew.script = [this](const ScriptContext& context) {
        const HttpRequest& request = context.exchange.request();
        std::string path(request(request.head.path));
        if (const auto found = pages_.find(path); found != pages_.end()) {
          found->second(context.exchange);
        } else {
          respond_with(context.exchange, 200, PinnedBytes{request.body});
        }
        return After::next_job;
      };
      server_ = std::make_unique<TestServer>(options_);
    }
    return *server_;
  }
  H3Client& client(H3Client::Options options = {}) {
    clients_.push_back(std::make_unique<H3Client>(server().quic_address(), options));
    return *clients_.back();
  }

  TestServer::Options options_;
  std::map<std::string, std::function<void(HttpExchange&)>> pages_;
  std::unique_ptr<TestServer> server_;
  std::vector<std::unique_ptr<H3Client>> clients_;
};

TEST_F(Http3, AnswersARequest) {
  H3Client& one = client();
  ASSERT_TRUE(one.shake_hands()) << one.state();
  const H3Answer* answer = one.wait(one.request("POST", "/", {{"x-id", "7"}}, "hello"));
  ASSERT_TRUE(answer && answer->complete) << one.state();
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->field("x-id"), "7");
  EXPECT_EQ(answer->field("content-length"), "5");
  EXPECT_EQ(answer->body, "hello");
}

TEST_F(Http3, AnswersManyStreamsOfOneConnection) {
  H3Client& one = client();
  std::map<int, std::string> asked;
  for (int i = 0; i < 300; ++i) {
    const std::string body = std::string(static_cast<std::size_t>(i) * 97, 'b');
    asked[one.request("POST", "/", {{"x-id", std::to_string(i)}}, body)] = body;
  }
  int number = 0;
  for (const auto& [stream, body] : asked) {
    const H3Answer* answer = one.wait(stream);
    ASSERT_TRUE(answer && answer->complete) << one.state();
    EXPECT_EQ(answer->field("x-id"), std::to_string(number++));
    EXPECT_TRUE(answer->body == body);
  }
}

TEST_F(Http3, ASlowStreamHoldsUpNoOther) {
  Gate gate;
  options_.crew.workers = 2;
  pages_["/wait"] = [&](HttpExchange& exchange) {
    gate.wait();
    respond_with(exchange, 200, {});
  };
  H3Client& one = client();
  const auto slow = one.request("GET", "/wait");
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(one.wait(one.request("GET", "/")));
  EXPECT_FALSE(one.answer(slow).over());
  gate.open();
  EXPECT_TRUE(one.wait(slow));
}

TEST_F(Http3, WhatScriptsSeeOfARequest) {
  std::string seen;
  pages_["/p"] = [&](HttpExchange& exchange) {
    const HttpRequest& request = exchange.request();
    const HttpHead& head = request.head;
    seen = std::string(protocol_name(head.version)) + " " + std::string(request(head.method)) +
           " " + std::string(request(head.target)) + " " + std::string(request(head.query)) + " " +
           std::string(request(head.host)) + " " + std::string(request.field("Host")) + " " +
           std::string(request.field("Cookie")) + " " + std::string(request(head.content_type)) +
           " " + std::string(request(head.remote_address)) + (head.tls ? " tls" : "");
    respond_with(exchange, 200, {});
  };
  H3Client& one = client();
  ASSERT_TRUE(one.wait(one.request(
      "PUT", "/p?a=1", {{"cookie", "a=1"}, {"content-type", "text/x"}, {"cookie", "b=2"}})));
  EXPECT_EQ(seen, "HTTP/3.0 PUT /p?a=1 a=1 x x a=1; b=2 text/x 127.0.0.1 tls");
}

// spec:02#84 spec:02#88 spec:02#89
TEST_F(Http3, BodiesThatMayNotBe) {
  const auto page = [this](const char* path, int status, std::string length) {
    pages_[path] = [status, length](HttpExchange& exchange) {
      const HeaderView field{"Content-Length", length};
      const auto fields = length.empty() ? std::span<const HeaderView>() : std::span(&field, 1);
      exchange.respond({.status = status, .headers = fields}, PinnedBytes{"0123456789"});
    };
  };
  page("/204", 204, "");
  page("/304", 304, "");
  page("/long", 200, "5");
  page("/short", 200, "15");
  H3Client& one = client();
  const H3Answer* head = one.wait(one.request("HEAD", "/long"));
  ASSERT_TRUE(head && head->complete);
  EXPECT_EQ(head->field("content-length"), "5");
  EXPECT_EQ(head->body, "");
  for (const char* path : {"/204", "/304"}) {
    const H3Answer* answer = one.wait(one.request("GET", path));
    ASSERT_TRUE(answer && answer->complete) << path;
    EXPECT_EQ(answer->body, "");
    EXPECT_EQ(answer->field("content-length"), "");
  }
  const H3Answer* cut = one.wait(one.request("GET", "/long"));
  ASSERT_TRUE(cut && cut->complete);
  EXPECT_EQ(cut->body, "01234");
  const H3Answer* missing = one.wait(one.request("GET", "/short"));
  ASSERT_TRUE(missing) << one.state();
  EXPECT_EQ(missing->reset, kInternalError);
  EXPECT_TRUE(one.wait(one.request("GET", "/"))->complete);
}

// spec:02#29 spec:02#33
TEST_F(Http3, StreamsWithInterimAnswersAndTrailers) {
  pages_["/"] = [](HttpExchange& exchange) {
    exchange.inform({.status = 103});
    const std::array headers{HeaderView{"Trailer", "X-Sum"}, HeaderView{"X-Sum", "9"},
                             HeaderView{"Connection", "close"}, HeaderView{"X-Upper", "A"}};
    exchange.start({.status = 200, .headers = headers});
    for (int i = 0; i < 10; ++i) exchange.write(PinnedBytes{"0123456789"});
    exchange.finish();
  };
  H3Client& one = client();
  const H3Answer* answer = one.wait(one.request("GET", "/"));
  ASSERT_TRUE(answer && answer->complete);
  EXPECT_EQ(answer->interim, std::vector<int>{103});
  EXPECT_EQ(answer->body.size(), 100u);
  EXPECT_EQ(answer->field("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(answer->field("x-upper"), "A");
  EXPECT_EQ(answer->field("connection"), "");
  EXPECT_EQ(answer->field("x-sum"), "");
  ASSERT_EQ(answer->trailers.count("x-sum"), 1u);
  EXPECT_EQ(answer->trailers.find("x-sum")->second, "9");
}

TEST_F(Http3, LargeBodiesBothWays) {
  options_.max_body = 64 << 20;
  std::string body(10 << 20, '\0');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i % 23);
  H3Client& one = client();
  const H3Answer* answer = one.wait(one.request("POST", "/", {}, body));
  ASSERT_TRUE(answer && answer->complete) << one.state();
  EXPECT_TRUE(answer->body == body);
}

TEST_F(Http3, LostPacketsAreSentAgain) {
  options_.max_body = 64 << 20;
  const std::string body(1 << 20, 'x');
  H3Client& one = client({.loses_each = 13});
  const H3Answer* answer = one.wait(one.request("POST", "/", {}, body));
  ASSERT_TRUE(answer && answer->complete) << one.state();
  EXPECT_TRUE(answer->body == body);
}

// spec:02#92
TEST_F(Http3, MalformedRequestsAreResetAndTheConnectionGoesOn) {
  H3Client& one = client();
  const H3Client::Fields good{
      {":method", "GET"}, {":scheme", "https"}, {":authority", "x"}, {":path", "/"}};
  const auto with = [&](const char* name, const char* value) {
    H3Client::Fields fields = good;
    fields.emplace_back(name, value);
    return fields;
  };
  const H3Client::Fields bad[] = {
      with("connection", "close"),
      with("transfer-encoding", "chunked"),
      with("te", "gzip"),
      with(":path", "/again"),
      with("host", "other"),
      with("content-length", "x"),
      with("upgrade", "h2c"),
      with("if-modified-since", "\r"),
      {{":method", "GET"}, {":scheme", "https"}, {":authority", "x"}},
      {{":scheme", "https"}, {":authority", "x"}, {":path", "/"}},
      {{":method", "GET"}, {"x", "1"}, {":scheme", "https"}, {":authority", "x"}, {":path", "/"}}};
  for (const auto& fields : bad) {
    const H3Answer* answer = one.wait(one.raw_request(fields));
    ASSERT_TRUE(answer) << fields.back().first << " " << one.state();
    EXPECT_EQ(answer->reset, kMessageError) << fields.back().first << fields.back().second;
  }
  const H3Answer* mismatch = one.wait(one.request("POST", "/", {{"content-length", "5"}}, "abc"));
  ASSERT_TRUE(mismatch) << one.state();
  EXPECT_EQ(mismatch->reset, kMessageError);
  for (const char* path : {"/%zz", "*", "x"}) {
    const H3Answer* answer = one.wait(one.request("GET", path));
    ASSERT_TRUE(answer) << path << one.state();
    EXPECT_TRUE(answer->status == 400 || answer->reset == kMessageError) << path;
  }
  EXPECT_EQ(server().handler.counts().handled.load(), 0u);
  EXPECT_TRUE(one.wait(one.raw_request(good))->complete);
}

// nghttp3 leaves them out without a word; so nobody behind it can be misled.
TEST_F(Http3, FieldsThatMayNotBeAreLeftOut) {
  std::string fields;
  pages_["/p"] = [&](HttpExchange& exchange) {
    const HttpRequest& request = exchange.request();
    for (const HttpField& field : request.fields) fields += std::string(request(field.name)) + " ";
    respond_with(exchange, 200, {});
  };
  H3Client& one = client();
  ASSERT_TRUE(
      one.wait(one.request("GET", "/p", {{"bad name", "1"}, {"x", "a\r\nb"}, {"good", "1"}})));
  EXPECT_EQ(fields, "good host ");
}

// spec:02#22 spec:02#77
TEST_F(Http3, BodiesOverTheLimitAreRefused) {
  options_.max_body = 1000;
  H3Client& one = client();
  for (const bool declared : {true, false}) {
    const H3Client::Fields length{{"content-length", "100000"}};
    const H3Answer* answer = one.wait(one.request(
        "POST", "/", declared ? length : H3Client::Fields{}, std::string(100'000, 'x')));
    ASSERT_TRUE(answer) << one.state();
    EXPECT_EQ(answer->status, 413);
  }
  EXPECT_TRUE(one.wait(one.request("POST", "/skip", {}, std::string(100'000, 'x'))));
  EXPECT_TRUE(one.wait(one.request("GET", "/"))->complete);
}

TEST_F(Http3, AStreamThatTheClientResetsIsAborted) {
  Gate begun, reset;
  std::atomic<bool> aborted{false}, heard{true};
  pages_["/wait"] = [&](HttpExchange& exchange) {
    begun.open();
    aborted = eventually([&] { return exchange.aborted(); });
    heard = respond_with(exchange, 200, {});
    reset.open();
  };
  H3Client& one = client();
  const auto stream = one.request("GET", "/wait");
  one.wait(one.request("GET", "/"));
  ASSERT_TRUE(begun.wait());
  one.stop_reading(stream);
  one.wait(one.request("GET", "/"));
  ASSERT_TRUE(reset.wait());
  EXPECT_TRUE(aborted);
  EXPECT_FALSE(heard);
}

// spec:02#94
TEST_F(Http3, AClientThatLeavesIsAborted) {
  Gate begun, ended;
  std::atomic<bool> aborted{false};
  pages_["/wait"] = [&](HttpExchange& exchange) {
    begun.open();
    aborted = eventually([&] { return exchange.aborted(); });
    ended.open();
  };
  H3Client& one = client();
  one.request("GET", "/wait");
  one.wait(one.request("GET", "/"));
  ASSERT_TRUE(begun.wait());
  one.close();
  ASSERT_TRUE(ended.wait());
  EXPECT_TRUE(aborted);
  EXPECT_TRUE(eventually([&] { return server().http3->open_connections() == 0; }));
}

TEST_F(Http3, AClientThatDoesNotReadAStreamHoldsNoScriptForLong) {
  options_.http3.script_output_bytes = 100'000;
  options_.http3.write = 300ms;
  std::atomic<bool> alive{true};
  Gate done;
  pages_["/big"] = [&](HttpExchange& exchange) {
    start_with(exchange, 200);
    const std::string piece(50'000, 'x');
    for (int i = 0; i < 100 && alive; ++i) alive = exchange.write(PinnedBytes{piece});
    done.open();
  };
  H3Client& one = client({.update_windows = false});
  const auto stream = one.request("GET", "/big");
  one.wait(one.request("GET", "/"));
  const H3Answer* answer = one.wait(stream);
  ASSERT_TRUE(answer) << one.state();
  EXPECT_EQ(answer->reset, kCancelled);
  ASSERT_TRUE(done.wait());
  EXPECT_FALSE(alive);
}

TEST_F(Http3, AnAnswerNobodyReadsIsGivenUpAtTheDeadline) {
  options_.http3.write = 200ms;
  PinCount pins;
  const std::string big(3'000'000, 'x');
  pages_["/big"] = [&](HttpExchange& exchange) { respond_with(exchange, 200, pins.pin(big)); };
  H3Client& one = client({.update_windows = false});
  const H3Answer* answer = one.wait(one.request("GET", "/big"));
  ASSERT_TRUE(answer) << one.state();
  EXPECT_EQ(answer->reset, kCancelled);
  EXPECT_TRUE(eventually([&] { return pins.held == 0; }));
}

TEST_F(Http3, APausedWriterGoesOnWhenTheWindowOpens) {
  options_.http3.output_bytes = 10'000;
  Gate resumed;
  const auto open = [](void* gate) { static_cast<Gate*>(gate)->open(); };
  std::atomic<bool> paused{false};
  pages_["/paused"] = [&](HttpExchange& exchange) {
    start_with(exchange, 200);
    static_cast<http::Transaction&>(exchange).write_no_wait(PinnedBytes{std::string(200'000, 'x')});
    paused = exchange.congested(open, &resumed);
    if (paused) resumed.wait();
    exchange.finish();
  };
  H3Client& one = client({.window = 65536, .update_windows = false});
  const auto stream = one.request("GET", "/paused");
  while (one.answer(stream).body.size() < 65000) ASSERT_TRUE(one.step());
  one.open_window(stream, 1'000'000);
  const H3Answer* answer = one.wait(stream);
  ASSERT_TRUE(answer && answer->complete);
  EXPECT_EQ(answer->body.size(), 200'000u);
  EXPECT_TRUE(paused);
}

// What a client has not acknowledged is kept, and that has a limit for all its streams together.
TEST_F(Http3, AnswersWaitForRoomInTheConnection) {
  options_.http3.quic.session.unacknowledged = 40'000;
  const std::string big(500'000, 'x');
  pages_["/big"] = [&](HttpExchange& exchange) { respond_with(exchange, 200, PinnedBytes{big}); };
  H3Client& one = client({.window = 10 << 20});
  std::vector<int> asked;
  for (int i = 0; i < 8; ++i) asked.push_back(one.request("GET", "/big"));
  for (const int each : asked) {
    const H3Answer* answer = one.wait(each);
    ASSERT_TRUE(answer && answer->complete) << one.state();
    EXPECT_TRUE(answer->body == big);
  }
}

TEST_F(Http3, ADrainingServerAnswersWhatItHasAndTakesNoMore) {
  Gate begun, go;
  pages_["/wait"] = [&](HttpExchange& exchange) {
    begun.open();
    go.wait();
    respond_with(exchange, 200, PinnedBytes{"last"});
  };
  H3Client& busy = client();
  H3Client& idle = client();
  ASSERT_TRUE(idle.wait(idle.request("GET", "/")));
  const auto stream = busy.request("GET", "/wait");
  busy.wait(busy.request("GET", "/"));
  ASSERT_TRUE(begun.wait());
  const std::string address = server().quic_address();
  std::thread stopping([&] { server().stop(); });
  EXPECT_TRUE(eventually([&] { return server().http3->draining(); }));
  idle.run_to_end();
  EXPECT_TRUE(idle.going_away());
  EXPECT_TRUE(idle.close_is_http());
  EXPECT_EQ(idle.close_code(), kNoError);
  while (!busy.going_away()) ASSERT_TRUE(busy.step());
  H3Client late(address);
  EXPECT_FALSE(late.shake_hands());
  EXPECT_EQ(late.close_code(), kConnectionRefused);
  go.open();
  const H3Answer* answer = busy.wait(stream);
  ASSERT_TRUE(answer && answer->complete) << busy.state();
  EXPECT_EQ(answer->body, "last");
  busy.run_to_end();
  EXPECT_FALSE(busy.timed_out());
  EXPECT_EQ(busy.close_code(), kNoError);
  stopping.join();
}

// Another server reads from the shared socket meanwhile: here nobody does.
TEST_F(Http3, AfterAHandOverClientsAreServedBySocketsOfTheirOwn) {
  Gate begun, go;
  pages_["/wait"] = [&](HttpExchange& exchange) {
    begun.open();
    go.wait();
    respond_with(exchange, 200, PinnedBytes{std::string(100'000, 'x')});
  };
  H3Client& busy = client();
  const auto stream = busy.request("GET", "/wait");
  busy.wait(busy.request("GET", "/"));
  ASSERT_TRUE(begun.wait());
  server().http3->hand_over();
  // The shared socket is as it was: nobody else may bind its address.
  EXPECT_FALSE(http3::UdpSocket::bind(server().quic_address(), false));
  const auto after = busy.request("POST", "/", {}, "still here");
  ASSERT_TRUE(busy.wait(after)) << busy.state();
  EXPECT_EQ(busy.answer(after).body, "still here");
  go.open();
  const H3Answer* answer = busy.wait(stream);
  ASSERT_TRUE(answer && answer->complete) << busy.state();
  EXPECT_EQ(answer->body.size(), 100'000u);
  busy.run_to_end();
  EXPECT_EQ(busy.close_code(), kNoError);
}

TEST_F(Http3, IdleConnectionsAndHalfRequestsEndAtTheirDeadlines) {
  options_.http3.request = 200ms;
  options_.http3.quic.idle = 300ms;
  H3Client& slow = client();
  const int half = slow.open_request("POST", "/", "half a body");
  const H3Answer* answer = slow.wait(half);
  ASSERT_TRUE(answer) << slow.state();
  EXPECT_EQ(answer->reset, kCancelled);
  EXPECT_TRUE(eventually([&] { return server().http3->open_connections() == 0; }));
}

TEST_F(Http3, AClientThatIsWaitingIsAskedForSignsOfLife) {
  options_.http3.quic.idle = 500ms;
  options_.http3.quic.ping = 100ms;
  Gate go;
  pages_["/wait"] = [&](HttpExchange& exchange) {
    go.wait();
    respond_with(exchange, 200, PinnedBytes{"late"});
  };
  H3Client& one = client();
  const int waiting = one.request("GET", "/wait");
  const auto until = std::chrono::steady_clock::now() + 1500ms;
  while (std::chrono::steady_clock::now() < until) ASSERT_TRUE(one.step()) << one.state();
  go.open();
  const H3Answer* answer = one.wait(waiting);
  ASSERT_TRUE(answer) << one.state();
  EXPECT_EQ(answer->body, "late");
}

// spec:02#93
TEST_F(Http3, RequestsThatAreResetCountForAsLongAsScriptsWorkOnThem) {
  options_.http3.streams = 3;
  options_.crew.workers = 1;
  Gate go;
  pages_["/wait"] = [&](HttpExchange& exchange) {
    go.wait();
    respond_with(exchange, 200, {});
  };
  H3Client& one = client();
  ASSERT_TRUE(one.shake_hands());
  for (int i = 0; i < 3; ++i) one.request("GET", "/wait");
  ASSERT_TRUE(eventually([&] {
    one.poke();
    return server().handler.counts().handled == 3;
  }));
  for (int i = 1; i <= 3; ++i) one.stop_reading(i);
  const int more = one.request("GET", "/");
  for (int i = 0; i < 20; ++i) one.poke();
  EXPECT_EQ(one.requests_allowed(), 0u);
  EXPECT_FALSE(one.answer(more).over());
  go.open();
  const H3Answer* answer = one.wait(more);
  ASSERT_TRUE(answer && answer->complete) << one.state();
}

TEST_F(Http3, AClientThatResetsAllItAsksForIsSentAway) {
  options_.http3.quic.session.work = 400;
  H3Client& one = client();
  ASSERT_TRUE(one.shake_hands());
  const auto made = [&] { return server().handler.counts().made.load(); };
  for (int round = 0; round < 20 && !one.ended(); ++round) {
    const auto before = made();
    std::vector<int> asked;
    for (int i = 0; i < 50; ++i) asked.push_back(one.open_request("POST", "/", "x"));
    eventually([&] {
      one.poke();
      return one.ended() || made() == before + 50;
    });
    for (const int each : asked) one.reset(each);
    one.poke();
  }
  one.run_to_end();
  EXPECT_TRUE(one.close_is_http());
  EXPECT_EQ(one.close_code(), kExcessiveLoad);
}

TEST_F(Http3, ManyHandshakesAtATimeNeedATokenFirst) {
  options_.http3.doubted_handshakes = 2;
  H3Client& early = client();
  ASSERT_TRUE(early.wait(early.request("GET", "/")));
  EXPECT_FALSE(early.retried());
  // Two that have begun and go no further.
  std::vector<std::unique_ptr<H3Client>> half;
  for (int i = 0; i < 2; ++i) {
    half.push_back(std::make_unique<H3Client>(server().quic_address()));
    half.back()->poke();
  }
  ASSERT_TRUE(eventually([&] { return server().http3->handshakes() == 2; }));
  H3Client& late = client();
  ASSERT_TRUE(late.wait(late.request("GET", "/"))) << late.state();
  EXPECT_TRUE(late.retried());
  // Who was here before has a token.
  ASSERT_NE(early.new_token(), "");
  H3Client& again = client({.token = early.new_token()});
  ASSERT_TRUE(again.wait(again.request("GET", "/"))) << again.state();
}

TEST_F(Http3, HandshakesAndConnectionsHaveLimits) {
  options_.http3.handshakes = 1;
  options_.http3.connections = 2;
  options_.http3.quic.handshake = 500ms;
  H3Client half(server().quic_address());
  half.poke();
  ASSERT_TRUE(eventually([&] { return server().http3->handshakes() == 1; }));
  // Left to try again, which it does until the other has given up.
  H3Client& one = client();
  ASSERT_TRUE(one.wait(one.request("GET", "/"))) << one.state();
  H3Client& two = client();
  ASSERT_TRUE(two.wait(two.request("GET", "/"))) << two.state();
  H3Client& three = client();
  EXPECT_FALSE(three.shake_hands());
  EXPECT_EQ(three.close_code(), kConnectionRefused);
}

TEST_F(Http3, AClientMayMoveToAnotherPort) {
  H3Client& one = client();
  ASSERT_TRUE(one.wait(one.request("GET", "/")));
  for (int i = 0; i < 5; ++i) one.poke();
  one.move();
  const H3Answer* answer = one.wait(one.request("POST", "/", {}, std::string(50'000, 'm')));
  ASSERT_TRUE(answer && answer->complete) << one.state();
  EXPECT_EQ(answer->body.size(), 50'000u);
}

TEST_F(Http3, WhoSpeaksAnotherProtocolIsRefused) {
  H3Client& one = client({.protocol = "hq-interop"});
  EXPECT_FALSE(one.shake_hands());
  EXPECT_FALSE(one.timed_out());
  EXPECT_EQ(one.close_code(), kCryptoError + 120);  // no_application_protocol
}

}  // namespace
}  // namespace rr::net::testing
