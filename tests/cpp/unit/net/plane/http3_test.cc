// HTTP/3 connections by their packets (spec 02 §7.2): what streams_test.cc does not share.
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "streams.h"

namespace rr::net::testing {
namespace {

using namespace std::chrono_literals;
constexpr int kNoError = 0x100;
constexpr int kExcessiveLoad = 0x107;
constexpr int kConnectionRefused = 0x2;  // of QUIC, as all below
constexpr int kCryptoError = 0x100;

class Http3 : public StreamsFixture<Http3Protocol> {};

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

TEST_F(Http3, LostPacketsAreSentAgain) {
  options_.max_body = 64 << 20;
  const std::string body(1 << 20, 'x');
  H3Client& one = client({.loses_each = 13});
  const H3Answer* answer = one.wait(one.request("POST", "/", {}, body));
  ASSERT_TRUE(answer && answer->complete) << one.state();
  EXPECT_TRUE(answer->body == body);
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
  EXPECT_EQ(answer->reset, Protocol::kCancelled);
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
