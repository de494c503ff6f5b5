// HTTP/1.x connections by their sockets (spec 02 §7.2): order, limits, slow and rude clients.
#include <sys/socket.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include <gtest/gtest.h>

#include "client.h"
#include "gate.h"
#include "test_server.h"

namespace rr::net::testing {
namespace {

using namespace std::chrono_literals;
using After = ScriptedOptions::After;

constexpr std::size_t kLarge = 16 * 1024 * 1024;  // more than sockets hold
const std::string& large() {
  static const std::string bytes(kLarge, 'x');
  return bytes;
}

std::string get(std::string_view path, std::string_view id = "1", std::string_view more = {}) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\nX-Id: " + std::string(id) + "\r\n" +
         std::string(more) + "\r\n";
}
std::string post(std::string_view path, std::string_view body, std::string_view more = {}) {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(more) + "\r\n" + std::string(body);
}
std::string chunk(std::string_view bytes) {
  char size[32];
  std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
  return size + std::string(bytes) + "\r\n";
}

class Http1 : public ::testing::Test {
 protected:
  // Changes to the options first, then the first use of server().
  TestServer& server() {
    if (!server_) {
      options_.crew.script = [this](const ScriptContext& context) {
        scripts_.add();
        std::string path(context.exchange.request()(context.exchange.request().head.path));
        if (const auto found = pages_.find(path); found != pages_.end()) {
          found->second(context.exchange);
        } else {
          respond_with(context.exchange, 200, PinnedBytes{context.exchange.request().body});
        }
        return After::next_job;
      };
      server_ = std::make_unique<TestServer>(options_);
    }
    return *server_;
  }
  Client::Options small() const { return {.receive_buffer = 4096}; }
  void TearDown() override {
    gate_.open();
    if (server_) server_->stop();
    EXPECT_EQ(pins_.held.load(), 0);
  }

  TestServer::Options options_;
  std::map<std::string, std::function<void(HttpExchange&)>> pages_;
  Counter scripts_;  // requests that reached a worker
  PinCount pins_;
  Gate gate_;
  std::unique_ptr<TestServer> server_;
};

TEST_F(Http1, KeepsAConnection) {
  Client client(server().address());
  for (int i = 0; i < 500; ++i) {
    client.send(get("/", std::to_string(i)));
    const auto answer = client.answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->field("x-id"), std::to_string(i));
    EXPECT_FALSE(answer->closes);
  }
  EXPECT_EQ(server().handler.counts().handled.load(), 500u);
}

// spec:02#74
TEST_F(Http1, AnswersPipelinedRequestsInOrder) {
  pages_["/slow"] = [](HttpExchange& exchange) {
    eventually([] { return false; }, 3ms);
    respond_with(exchange, 200, {});
  };
  Client client(server().address());
  for (int i = 0; i < 20; ++i)
    client.send(get(i % 3 == 0 ? "/slow" : i % 3 == 1 ? "/native" : "/", std::to_string(i)));
  for (int i = 0; i < 20; ++i) {
    const auto answer = client.answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->field("x-id"), std::to_string(i));
  }
}

// One write of far more than a read takes: no event says that there is more.
TEST_F(Http1, ReadsOnAfterAnswersWhereItsLastReadWasFull) {
  for (const std::string path : {"/", "/native"}) {
    Client client(server().address());
    for (int i = 0; i < 3000; ++i) client.send(get(path, std::to_string(i)));
    for (int i = 0; i < 3000; ++i) {
      const auto answer = client.answer();
      ASSERT_TRUE(answer) << i;
      ASSERT_EQ(answer->field("x-id"), std::to_string(i));
    }
  }
}

// spec:02#75
TEST_F(Http1, IgnoresWhatFollowsConnectionClose) {
  Client client(server().address());
  client.send(get("/", "1", "Connection: close\r\n") + get("/", "2"));
  const auto answer = client.answer();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->closes);
  EXPECT_TRUE(client.at_end());
  EXPECT_EQ(scripts_.count(), 1);
}

// spec:02#77
TEST_F(Http1, AsksForABodyThatIsWaitedFor) {
  Client client(server().address());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  const auto interim = client.answer();
  ASSERT_TRUE(interim);
  EXPECT_EQ(interim->status, 100);
  client.send("hello");
  const auto answer = client.answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "hello");
  EXPECT_FALSE(answer->closes);
}

// spec:02#77
TEST_F(Http1, RefusesALargeBodyBeforeItIsSent) {
  Client client(server().address());
  client.send(
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\nExpect: 100-continue\r\n\r\n");
  const auto answer = client.answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 413);
  EXPECT_TRUE(answer->closes);
  client.half_close();
  EXPECT_TRUE(client.at_end());
  EXPECT_EQ(scripts_.count(), 0);
}

TEST_F(Http1, AClientThatSendsTheLargeBodyAllTheSameReadsTheRefusal) {
  Client client(server().address());
  client.send(post("/", std::string(2'000'000, 'x')));
  ASSERT_TRUE(client.flush());
  const auto answer = client.answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 413);
  client.half_close();
  EXPECT_TRUE(client.at_end());
}

// spec:02#78
TEST_F(Http1, RefusesOtherExpectations) {
  Client client(server().address());
  client.send(get("/", "1", "Expect: foo\r\n"));
  const auto answer = client.answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 417);
  EXPECT_TRUE(client.at_end());
}

TEST_F(Http1, CollectsChunksUpToTheLimit) {
  options_.max_body = 100'000;
  Client client(server().address());
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  client.send(head + chunk(std::string(60'000, 'a')) + chunk(std::string(40'000, 'b')) +
              "0\r\n\r\n");
  auto answer = client.answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, std::string(60'000, 'a') + std::string(40'000, 'b'));
  client.send(head + chunk(std::string(60'000, 'a')) + chunk(std::string(40'001, 'b')));
  answer = client.answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 413);
  EXPECT_TRUE(answer->closes);
  EXPECT_EQ(scripts_.count(), 1);
}

// spec:02#70
TEST_F(Http1, ClosesAfterAMalformedChunk) {
  Client client(server().address());
  client.send(
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n");
  const auto answer = client.answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 400);
  EXPECT_TRUE(answer->closes);
  EXPECT_EQ(scripts_.count(), 0);
}

// spec:02#73
TEST_F(Http1, ABodyThatIsCutShortReachesNoWorker) {
  Client client(server().address());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello");
  client.flush();
  client.half_close();
  client.rest();
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(scripts_.count(), 0);
}

TEST_F(Http1, KeepsTheConnectionAfterABodyNobodyReads) {
  Client client(server().address());
  for (int i = 0; i < 10; ++i) {
    client.send(post("/skip", std::string(100'000, 'x')));
    client.send("POST /skip HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" +
                chunk(std::string(99'000, 'y')) + "0\r\n\r\n");
    client.send(get("/", std::to_string(i)));
    for (int k = 0; k < 2; ++k) {
      const auto skipped = client.answer();
      ASSERT_TRUE(skipped);
      EXPECT_FALSE(skipped->closes);
    }
    const auto answer = client.answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->field("x-id"), std::to_string(i));
  }
}

// spec:02#76
TEST_F(Http1, ClosesGentlyAfterALongBodyNobodyReads) {
  Client client(server().address());
  client.send(post("/skip", std::string(1'000'000, 'x')));
  ASSERT_TRUE(client.flush());
  const auto answer = client.answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_TRUE(answer->closes);
}

TEST_F(Http1, DoesNotLingerForEver) {
  options_.limits.linger = 100ms;
  Client client(server().address());
  client.send(get("/", "1", "Connection: close\r\n") + "x");
  ASSERT_TRUE(client.answer());
  EXPECT_TRUE(client.at_end());
  // The client keeps its side open.
  EXPECT_TRUE(eventually([&] { return server().server->open_connections() == 0; }));
}

// spec:02#84
TEST_F(Http1, HeadHasNoBody) {
  Client client(server().address());
  pages_["/page"] = [](HttpExchange& exchange) {
    respond_with(exchange, 200, PinnedBytes{"page"});
  };
  client.send("HEAD /page HTTP/1.1\r\nHost: x\r\n\r\n" + get("/page", "2"));
  const auto head = client.answer(true);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->field("content-length"), "4");
  const auto answer = client.answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->field("x-id"), "2");
  EXPECT_EQ(answer->body, "page");
}

// spec:02#88
TEST_F(Http1, NoContentHasNoBody) {
  pages_["/none"] = [](HttpExchange& exchange) {
    respond_with(exchange, 204, PinnedBytes{"body"});
  };
  Client client(server().address());
  client.send(get("/none") + get("/", "2"));
  const auto none = client.answer();
  ASSERT_TRUE(none);
  EXPECT_EQ(none->status, 204);
  EXPECT_EQ(none->field("content-length"), "");
  const auto answer = client.answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->field("x-id"), "2");
}

// spec:02#79
TEST_F(Http1, SpeaksHttp10) {
  {
    Client client(server().address());
    client.send("GET / HTTP/1.0\r\n\r\n");
    const auto answer = client.answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->version, "HTTP/1.0");
    EXPECT_TRUE(client.at_end());
  }
  Client client(server().address());
  client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  auto answer = client.answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->field("connection"), "keep-alive");
  pages_["/stream"] = [](HttpExchange& exchange) {
    start_with(exchange, 200);
    exchange.write(PinnedBytes{"one "});
    exchange.write(PinnedBytes{"two"});
    exchange.finish();
  };
  client.send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  answer = client.answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "one two");
  EXPECT_TRUE(client.at_end());
}

TEST_F(Http1, HalfClosedClientsGetTheirAnswers) {
  Client client(server().address());
  for (int i = 0; i < 5; ++i) client.send(get("/", std::to_string(i)));
  client.flush();
  client.half_close();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(client.answer());
  EXPECT_TRUE(client.at_end());
}

// spec:02#91
TEST_F(Http1, ClosesAfterTheHeaderLimit) {
  options_.limits.header = 100ms;
  Client client(server().address());
  client.send("GET / HTTP/1.1\r\nHost: ");
  EXPECT_TRUE(client.at_end());
}

TEST_F(Http1, ClosesAfterTheBodyLimit) {
  options_.limits.body = 100ms;
  Client client(server().address());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello");
  client.rest();
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(scripts_.count(), 0);
}

TEST_F(Http1, ClosesAfterTheIdleLimitOfEachRequest) {
  options_.limits.idle = 300ms;
  Client client(server().address());
  for (int i = 0; i < 3; ++i) {
    client.send(get("/"));
    ASSERT_TRUE(client.answer());
  }
  const TimePoint begin = Clock::now();
  EXPECT_TRUE(client.at_end());
  EXPECT_GE(Clock::now() - begin, 250ms);
}

// ---- clients that do not read

TEST_F(Http1, AnAnswerWaitsForItsClientWithoutAWorker) {
  options_.crew.workers = 1;
  pages_["/large"] = [this](HttpExchange& exchange) {
    respond_with(exchange, 200, pins_.pin(large()));
  };
  Client slow(server().address(), small());
  slow.send(get("/large"));
  slow.flush();
  Client other(server().address());
  other.send(get("/", "2"));
  ASSERT_TRUE(other.answer());
  const auto answer = slow.answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body.size(), kLarge);
}

TEST_F(Http1, StalledClientsAreCutOff) {
  options_.limits.write = 150ms;
  pages_["/large"] = [this](HttpExchange& exchange) {
    respond_with(exchange, 200, pins_.pin(large()));
  };
  Client client(server().address(), small());
  client.send(get("/large"));
  client.flush();
  EXPECT_TRUE(eventually(
      [&] { return server().server->open_connections() == 0 && scripts_.count() == 1; }));
  EXPECT_FALSE(client.answer());
}

TEST_F(Http1, StalledClientsThatSendOnAreCutOff) {
  options_.limits.write = 300ms;
  pages_["/large"] = [this](HttpExchange& exchange) {
    respond_with(exchange, 200, pins_.pin(large()));
  };
  Client client(server().address(), small());
  client.send(get("/large"));
  client.flush();
  ASSERT_TRUE(scripts_.wait_for(1));
  const TimePoint begin = Clock::now();
  EXPECT_TRUE(eventually([&] {
    [[maybe_unused]] const auto sent = ::send(client.socket(), "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    return server().server->open_connections() == 0;
  }));
  EXPECT_LT(Clock::now() - begin, 10s);
}

TEST_F(Http1, AStreamKeepsItsWorkerForTheWriteLimitAtMost) {
  options_.limits.write = 150ms;
  options_.limits.output_bytes = options_.limits.script_output_bytes = 100'000;
  Gate ended;
  pages_["/stream"] = [&](HttpExchange& exchange) {
    start_with(exchange, 200);
    while (exchange.write(pins_.pin(std::string_view(large()).substr(0, 65'536)))) {
    }
    exchange.finish();
    ended.open();
  };
  Client client(server().address(), small());
  client.send(get("/stream"));
  client.flush();
  ASSERT_TRUE(ended.wait());
  // What the script said after that did not follow on what the client has.
  const std::string text = client.rest();
  EXPECT_FALSE(text.ends_with("0\r\n\r\n"));
  EXPECT_TRUE(client.ended());
}

TEST_F(Http1, AStreamWaitsForAClientThatReads) {
  options_.limits.output_bytes = options_.limits.script_output_bytes = 100'000;
  pages_["/stream"] = [&](HttpExchange& exchange) {
    start_with(exchange, 200);
    for (std::size_t at = 0; at < kLarge / 4; at += 65'536) {
      EXPECT_TRUE(exchange.write(pins_.pin(std::string_view(large()).substr(at, 65'536))));
      EXPECT_LE(pins_.held.load(), 4);
    }
    exchange.finish();
  };
  Client client(server().address(), small());
  client.send(get("/stream") + get("/", "2"));
  const auto answer = client.answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body.size(), kLarge / 4);
  ASSERT_TRUE(client.answer());
}

// Writes until the client is behind; then says so and waits for resume().
struct Congestion {
  Gate congested;
  Gate resumed;
  Counter resumes;

  void run(HttpExchange& exchange, PinCount& pins) {
    start_with(exchange, 200);
    auto& transaction = static_cast<http::Transaction&>(exchange);
    const auto resume = [](void* self) {
      auto* congestion = static_cast<Congestion*>(self);
      congestion->resumes.add();
      congestion->resumed.open();
    };
    while (!exchange.congested(resume, this)) {
      if (!transaction.write_no_wait(pins.pin(std::string_view(large()).substr(0, 65'536)))) break;
    }
    congested.open();
    EXPECT_TRUE(resumed.wait());
    exchange.finish();
  }
};

TEST_F(Http1, ResumesAPausedWriterWhenThereIsRoom) {
  options_.limits.output_bytes = 500'000;
  Congestion congestion;
  pages_["/paused"] = [&](HttpExchange& exchange) { congestion.run(exchange, pins_); };
  Client client(server().address(), small());
  client.send(get("/paused"));
  client.flush();
  ASSERT_TRUE(congestion.congested.wait());
  EXPECT_EQ(congestion.resumes.count(), 0);
  ASSERT_TRUE(client.answer());
  EXPECT_EQ(congestion.resumes.count(), 1);
}

TEST_F(Http1, ResumesAPausedWriterWhenTheClientHasGone) {
  options_.limits.output_bytes = 500'000;
  Congestion congestion;
  pages_["/paused"] = [&](HttpExchange& exchange) {
    congestion.run(exchange, pins_);
    EXPECT_TRUE(eventually([&] { return exchange.aborted(); }));
  };
  Client client(server().address(), small());
  client.send(get("/paused"));
  client.flush();
  ASSERT_TRUE(congestion.congested.wait());
  client.reset();
  ASSERT_TRUE(congestion.resumed.wait());
  EXPECT_TRUE(eventually([&] { return server().server->open_connections() == 0; }));
}

TEST_F(Http1, ResumesAPausedWriterWhenTheClientStalls) {
  options_.limits.output_bytes = 500'000;
  options_.limits.write = 150ms;
  Congestion congestion;
  pages_["/paused"] = [&](HttpExchange& exchange) { congestion.run(exchange, pins_); };
  Client client(server().address(), small());
  client.send(get("/paused"));
  client.flush();
  ASSERT_TRUE(congestion.resumed.wait());
  EXPECT_TRUE(eventually([&] { return server().server->open_connections() == 0; }));
}

// ---- the server's end

TEST_F(Http1, ADrainingServerClosesIdleClientsAndAnswersTheRest) {
  Client idle(server().address());
  idle.send(get("/"));
  ASSERT_TRUE(idle.answer());
  Gate running;
  pages_["/busy"] = [&](HttpExchange& exchange) {
    running.open();
    gate_.wait();
    respond_with(exchange, 200, {});
  };
  Client busy(server().address());
  busy.send(get("/busy"));
  busy.flush();
  ASSERT_TRUE(running.wait());
  server().server->drain(http1::Server::Idle::close);
  EXPECT_TRUE(idle.at_end());
  gate_.open();
  const auto answer = busy.answer();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->closes);
  EXPECT_TRUE(busy.at_end());
  server().server->wait_closed(Clock::now() + kPatience);
  EXPECT_EQ(server().server->open_connections(), 0u);
}

TEST_F(Http1, AServerThatHandsOverAnswersIdleClientsOnceMore) {
  Client idle(server().address());
  idle.send(get("/"));
  ASSERT_TRUE(idle.answer());
  const Client silent(server().address());
  Gate running;
  pages_["/busy"] = [&](HttpExchange& exchange) {
    running.open();
    gate_.wait();
    respond_with(exchange, 200, {});
  };
  Client busy(server().address());
  busy.send(get("/busy"));
  busy.flush();
  ASSERT_TRUE(running.wait());
  server().server->drain(http1::Server::Idle::wait);
  idle.send(get("/"));
  const auto last = idle.answer();
  ASSERT_TRUE(last);
  EXPECT_TRUE(last->closes);
  EXPECT_TRUE(idle.at_end());
  gate_.open();
  const auto answer = busy.answer();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->closes);
  server().server->wait_closed(Clock::now() + 50ms);
  EXPECT_EQ(server().server->open_connections(), 1u) << "the silent one";
  server().server->drain(http1::Server::Idle::close);
  server().server->wait_closed(Clock::now() + kPatience);
  EXPECT_EQ(server().server->open_connections(), 0u);
}

TEST_F(Http1, ADrainingServerWaitsAMomentForFirstRequests) {
  options_.limits.first = kPatience;
  Client connected(server().address());
  ASSERT_TRUE(eventually([&] { return server().server->open_connections() == 1; }));
  server().server->drain(http1::Server::Idle::close);
  server().server->wait_begun(Clock::now());
  connected.send(get("/"));
  const auto answer = connected.answer();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->closes);
  server().server->wait_begun(TimePoint::max());
  EXPECT_TRUE(connected.at_end());
}

TEST_F(Http1, ADrainingServerWaitsNoLongerForThoseWhoSayNothing) {
  options_.limits.first = 50ms;
  Client silent(server().address());
  ASSERT_TRUE(eventually([&] { return server().server->open_connections() == 1; }));
  server().server->drain(http1::Server::Idle::close);
  server().server->wait_begun(TimePoint::max());
  EXPECT_TRUE(silent.at_end());
}

TEST_F(Http1, AStuckScriptIsAnsweredForAndSaysNothingMore) {
  options_.crew.workers = 1;
  options_.crew.exec_ttl = 20ms;
  options_.crew.interrupt_step = 5ms;
  Gate said;
  pages_["/stuck"] = [&](HttpExchange& exchange) {
    gate_.wait();
    EXPECT_FALSE(respond_with(exchange, 200, pins_.pin(large())));
    EXPECT_FALSE(exchange.write(pins_.pin(large())));
    EXPECT_FALSE(exchange.congested([](void*) { ADD_FAILURE(); }, nullptr));
    said.open();
  };
  Client client(server().address());
  client.send(get("/stuck") + get("/", "2"));
  const auto answer = client.answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->field("x-error"), std::to_string(static_cast<int>(Errc::exec_ttl)));
  const auto next = client.answer();  // by another thread
  ASSERT_TRUE(next);
  EXPECT_EQ(next->field("x-id"), "2");
  gate_.open();
  EXPECT_TRUE(said.wait());
}

TEST_F(Http1, AStuckStreamIsEndedForItsScript) {
  options_.crew.workers = 1;
  options_.crew.exec_ttl = 20ms;
  options_.crew.interrupt_step = 5ms;
  Gate said;
  pages_["/half"] = [&](HttpExchange& exchange) {
    start_with(exchange, 200);
    exchange.write(PinnedBytes{"half"});
    gate_.wait();
    EXPECT_FALSE(exchange.write(pins_.pin(large())));
    EXPECT_FALSE(exchange.finish());
    said.open();
  };
  Client client(server().address());
  client.send(get("/half") + get("/", "2"));
  const auto answer = client.answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "half");
  const auto next = client.answer();
  ASSERT_TRUE(next);
  EXPECT_EQ(next->field("x-id"), "2");
  gate_.open();
  EXPECT_TRUE(said.wait());
}

}  // namespace
}  // namespace rr::net::testing
