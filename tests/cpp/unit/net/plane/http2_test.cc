// HTTP/2 connections by their sockets (spec 02 §7.2): what streams_test.cc does not share.
#include <chrono>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "streams.h"

namespace rr::net::testing {
namespace {

using namespace std::chrono_literals;
constexpr int kRefused = 7;

class Http2 : public StreamsFixture<Http2Protocol> {};

TEST_F(Http2, ADrainingServerAnswersWhatItHasAndTakesNoMore) {
  Gate begun, go;
  pages_["/wait"] = [&](HttpExchange& exchange) {
    begun.open();
    go.wait();
    respond_with(exchange, 200, PinnedBytes{"last"});
  };
  H2Client& busy = client();
  H2Client& idle = client();
  idle.wait(idle.request("GET", "/"));
  const auto stream = busy.request("GET", "/wait");
  busy.wait(busy.request("GET", "/"));
  ASSERT_TRUE(begun.wait());
  std::thread stopping([&] { server().stop(); });
  EXPECT_TRUE(eventually([&] { return server().http2->draining(); }));
  idle.run_to_end();
  EXPECT_EQ(idle.goaway(), 0);
  while (busy.goaway() < 0) ASSERT_TRUE(busy.step());
  go.open();
  const H2Answer* answer = busy.wait(stream);
  ASSERT_TRUE(answer && answer->complete);
  EXPECT_EQ(answer->body, "last");
  busy.run_to_end();
  EXPECT_FALSE(busy.socket().timed_out());
  stopping.join();
}

TEST_F(Http2, IdleConnectionsAndHalfRequestsEndAtTheirDeadlines) {
  options_.http2.idle = 100ms;
  options_.http2.request = 100ms;
  H2Client& idle = client();
  idle.wait(idle.request("GET", "/"));
  idle.run_to_end();
  EXPECT_EQ(idle.goaway(), 0);
  H2Client& slow = client();
  slow.wait(slow.request("GET", "/"));
  // HEADERS without END_HEADERS and nothing behind.
  slow.send_raw(std::string("\0\0\1\1\0\0\0\0\3\x82", 10));
  slow.run_to_end();
  EXPECT_FALSE(slow.socket().timed_out());
}

// spec:02#93 spec:02#111
TEST_F(Http2, StreamsOverTheLimitAreRefused) {
  options_.http2.streams = 3;
  options_.crew.workers = 3;
  Gate go;
  Counter working;
  pages_["/wait"] = [&](HttpExchange& exchange) {
    working.add();
    go.wait();
    respond_with(exchange, 200, {});
  };
  H2Client& one = client();
  one.wait(one.request("GET", "/"));
  EXPECT_EQ(one.setting(3), 3u);
  // Those that the client has reset count as long as scripts work on them.
  for (int i = 0; i < 3; ++i) {
    const auto stream = one.request("GET", "/wait");
    EXPECT_TRUE(eventually([&] {
      one.poke();
      return working.count() > i;
    })) << i
        << " " << one.state(stream);
    one.reset(stream);
  }
  const H2Answer* answer = one.wait(one.request("GET", "/"));
  EXPECT_TRUE(answer && answer->reset == kRefused);
  go.open();
}

TEST_F(Http2, APrefaceOnAnHttp1PortIsFollowedOnlyAtTheBeginning) {
  Client::Options options;
  Client one(server().address(), options);
  if (one.tls()) return;  // there ALPN decides
  one.send("GET / HTTP/1.1\r\nHost: x\r\n\r\nPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  EXPECT_EQ(one.answer()->status, 200);
  EXPECT_EQ(one.answer()->status, 505);
}

}  // namespace
}  // namespace rr::net::testing
