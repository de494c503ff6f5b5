// HTTP/2 connections by their sockets (spec 02 §3.4, §5.5, §7.2): many streams, slow and rude
// clients.
#include <chrono>
#include <map>
#include <memory>
#include <set>

#include <gtest/gtest.h>

#include "gate.h"
#include "h2_client.h"
#include "test_server.h"

namespace rr::net::testing {
namespace {

using namespace std::chrono_literals;
using After = ScriptedOptions::After;
constexpr int kProtocolError = 1;
constexpr int kRefused = 7;
constexpr int kCancel = 8;

class Http2 : public ::testing::Test {
 protected:
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
  H2Client& client(H2Client::Options options = {}) {
    clients_.push_back(std::make_unique<H2Client>(server().address(), options));
    return *clients_.back();
  }

  TestServer::Options options_;
  std::map<std::string, std::function<void(HttpExchange&)>> pages_;
  std::unique_ptr<TestServer> server_;
  std::vector<std::unique_ptr<H2Client>> clients_;
};

// spec:02#56
TEST_F(Http2, AnswersManyStreamsOfOneConnection) {
  H2Client& one = client();
  std::map<std::int32_t, std::string> asked;
  for (int i = 0; i < 100; ++i) {
    const std::string body = std::string(static_cast<std::size_t>(i) * 997, 'b');
    asked[one.request("POST", "/", {{"x-id", std::to_string(i)}}, body)] = body;
  }
  int number = 0;
  for (const auto& [stream, body] : asked) {
    const H2Answer* answer = one.wait(stream);
    ASSERT_TRUE(answer && answer->complete);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->field("x-id"), std::to_string(number++));
    EXPECT_EQ(answer->field("content-length"), std::to_string(body.size()));
    EXPECT_TRUE(answer->body == body);
  }
}

TEST_F(Http2, ASlowStreamHoldsUpNoOther) {
  Gate gate;
  options_.crew.workers = 2;
  pages_["/wait"] = [&](HttpExchange& exchange) {
    gate.wait();
    respond_with(exchange, 200, {});
  };
  H2Client& one = client();
  const auto slow = one.request("GET", "/wait");
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(one.wait(one.request("GET", "/")));
  EXPECT_FALSE(one.answer(slow).over());
  gate.open();
  EXPECT_TRUE(one.wait(slow));
}

TEST_F(Http2, WhatScriptsSeeOfARequest) {
  std::string seen;
  pages_["/p"] = [&](HttpExchange& exchange) {
    const HttpRequest& request = exchange.request();
    const HttpHead& head = request.head;
    seen = std::string(protocol_name(head.version)) + " " + std::string(request(head.method)) +
           " " + std::string(request(head.target)) + " " + std::string(request(head.query)) + " " +
           std::string(request(head.host)) + " " + std::string(request.field("Host")) + " " +
           std::string(request.field("Cookie")) + " " + std::string(request(head.content_type));
    respond_with(exchange, 200, {});
  };
  H2Client& one = client();
  ASSERT_TRUE(one.wait(one.request(
      "PUT", "/p?a=1", {{"cookie", "a=1"}, {"content-type", "text/x"}, {"cookie", "b=2"}})));
  EXPECT_EQ(seen, "HTTP/2.0 PUT /p?a=1 a=1 x x a=1; b=2 text/x");
}

// spec:02#84 spec:02#88 spec:02#89
TEST_F(Http2, BodiesThatMayNotBe) {
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
  H2Client& one = client();
  const H2Answer* head = one.wait(one.request("HEAD", "/long"));
  ASSERT_TRUE(head && head->complete);
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
  ASSERT_TRUE(missing);
  EXPECT_EQ(missing->body, "0123456789");
  EXPECT_GE(missing->reset, 0);
}

// spec:02#29 spec:02#33
TEST_F(Http2, StreamsWithInterimAnswersAndTrailers) {
  pages_["/"] = [](HttpExchange& exchange) {
    exchange.inform({.status = 103});
    const std::array headers{HeaderView{"Trailer", "X-Sum"}, HeaderView{"X-Sum", "9"},
                             HeaderView{"Connection", "close"}, HeaderView{"X-Upper", "A"}};
    exchange.start({.status = 200, .headers = headers});
    for (int i = 0; i < 10; ++i) exchange.write(PinnedBytes{"0123456789"});
    exchange.finish();
  };
  H2Client& one = client();
  const H2Answer* answer = one.wait(one.request("GET", "/"));
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

// spec:02#92
TEST_F(Http2, MalformedRequestsAreResetAndTheConnectionGoesOn) {
  H2Client& one = client();
  const H2Client::Fields good{
      {":method", "GET"}, {":scheme", "http"}, {":authority", "x"}, {":path", "/"}};
  const auto with = [&](const char* name, const char* value) {
    H2Client::Fields fields = good;
    fields.emplace_back(name, value);
    return fields;
  };
  const H2Client::Fields bad[] = {
      with("connection", "close"),
      with("transfer-encoding", "chunked"),
      with("te", "gzip"),
      with("x", "a\r\nb"),
      with("bad name", "1"),
      with(":path", "/again"),
      with("host", "other"),
      with("content-length", "x"),
      with("upgrade", "h2c"),
      {{":method", "GET"}, {":scheme", "http"}, {":authority", "x"}},
      {{":scheme", "http"}, {":authority", "x"}, {":path", "/"}},
      {{":method", "GET"}, {"x", "1"}, {":scheme", "http"}, {":authority", "x"}, {":path", "/"}}};
  for (const auto& fields : bad) {
    const H2Answer* answer = one.wait(one.raw_request(fields));
    ASSERT_TRUE(answer) << fields.back().first;
    EXPECT_EQ(answer->reset, kProtocolError) << fields.back().first << fields.back().second;
  }
  const H2Answer* mismatch = one.wait(one.request("POST", "/", {{"content-length", "5"}}, "abc"));
  ASSERT_TRUE(mismatch);
  EXPECT_EQ(mismatch->reset, kProtocolError);
  for (const char* path : {"/%zz", "*", "x"}) {
    const H2Answer* answer = one.wait(one.request("GET", path));
    ASSERT_TRUE(answer) << path;
    EXPECT_TRUE(answer->status == 400 || answer->reset == kProtocolError) << path;
  }
  EXPECT_EQ(server().handler.counts().handled.load(), 0u);
  EXPECT_TRUE(one.wait(one.raw_request(good))->complete);
}

// spec:02#22 spec:02#77
TEST_F(Http2, BodiesOverTheLimitAreRefused) {
  options_.max_body = 1000;
  H2Client& one = client();
  for (const bool declared : {true, false}) {
    const H2Client::Fields length{{"content-length", "100000"}};
    const H2Answer* answer = one.wait(one.request(
        "POST", "/", declared ? length : H2Client::Fields{}, std::string(100'000, 'x')));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 413);
  }
  EXPECT_TRUE(one.wait(one.request("POST", "/skip", {}, std::string(100'000, 'x'))));
  EXPECT_TRUE(one.wait(one.request("GET", "/"))->complete);
}

TEST_F(Http2, AStreamThatTheClientResetsIsAborted) {
  Gate begun, reset;
  std::atomic<bool> aborted{false}, heard{true};
  pages_["/wait"] = [&](HttpExchange& exchange) {
    begun.open();
    aborted = eventually([&] { return exchange.aborted(); });
    heard = respond_with(exchange, 200, {});
    reset.open();
  };
  H2Client& one = client();
  const auto stream = one.request("GET", "/wait");
  one.wait(one.request("GET", "/"));
  ASSERT_TRUE(begun.wait());
  one.reset(stream);
  one.wait(one.request("GET", "/"));
  ASSERT_TRUE(reset.wait());
  EXPECT_TRUE(aborted);
  EXPECT_FALSE(heard);
}

TEST_F(Http2, AClientThatDoesNotReadAStreamHoldsNoScriptForLong) {
  options_.http2.script_output_bytes = 100'000;
  options_.http2.write = 300ms;
  std::atomic<bool> alive{true};
  Gate done;
  pages_["/big"] = [&](HttpExchange& exchange) {
    start_with(exchange, 200);
    const std::string piece(50'000, 'x');
    for (int i = 0; i < 100 && alive; ++i) alive = exchange.write(PinnedBytes{piece});
    done.open();
  };
  H2Client& one = client({.update_windows = false});
  const auto stream = one.request("GET", "/big");
  one.wait(one.request("GET", "/"));
  const H2Answer* answer = one.wait(stream);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->reset, kCancel);
  ASSERT_TRUE(done.wait());
  EXPECT_FALSE(alive);
}

TEST_F(Http2, AnAnswerNobodyReadsIsGivenUpAtTheDeadline) {
  options_.http2.write = 200ms;
  PinCount pins;
  const std::string big(3'000'000, 'x');
  pages_["/big"] = [&](HttpExchange& exchange) { respond_with(exchange, 200, pins.pin(big)); };
  H2Client& one = client({.update_windows = false});
  const H2Answer* answer = one.wait(one.request("GET", "/big"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->reset, kCancel);
  EXPECT_TRUE(eventually([&] { return pins.held == 0; }));
}

TEST_F(Http2, APausedWriterGoesOnWhenTheWindowOpens) {
  options_.http2.output_bytes = 10'000;
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
  H2Client& one = client({.update_windows = false});
  const auto stream = one.request("GET", "/paused");
  while (one.answer(stream).body.size() < 65535) ASSERT_TRUE(one.step());
  one.open_window(stream, 1'000'000);
  const H2Answer* answer = one.wait(stream);
  ASSERT_TRUE(answer && answer->complete);
  EXPECT_EQ(answer->body.size(), 200'000u);
  EXPECT_TRUE(paused);
}

TEST_F(Http2, LargeBodiesBothWays) {
  options_.max_body = 64 << 20;
  std::string body(10 << 20, '\0');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i % 23);
  H2Client& one = client();
  const H2Answer* answer = one.wait(one.request("POST", "/", {}, body));
  ASSERT_TRUE(answer && answer->complete);
  EXPECT_TRUE(answer->body == body);
}

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
