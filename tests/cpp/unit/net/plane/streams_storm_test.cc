// Many streams of many HTTP/2 or HTTP/3 connections at once, with random delays everywhere, resets
// and clients that leave, and packets that are lost; each complete answer is checked to be the
// stream's own. RR_SEED, RR_LONG as in storm_test.cc.
#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

#include <gtest/gtest.h>

#include "gate.h"
#include "h2_client.h"
#include "h3_client.h"
#include "jitter.h"
#include "storms.h"
#include "test_server.h"

namespace rr::net::testing {
namespace {

using namespace std::chrono_literals;
using After = ScriptedOptions::After;

const std::string& pattern() {
  static const std::string bytes = lettered(1024 * 1024);
  return bytes;
}

enum class Protocol { http2, http3 };

// What the storm wants of a client, whatever it speaks.
struct Visitor2 {
  // Not less: below it loopback's 2 KiB segments do not fit the window, and the kernel sends one
  // each 200 ms.
  static constexpr int kSmall = 16 * 1024;
  explicit Visitor2(TestServer& server)
      : client(server.address(),
               {.socket = {.receive_buffer = one_in(4) ? kSmall : 0},
                .window = one_in(3) ? 1000 + static_cast<int>(draw(100'000)) : 0}) {}
  bool connected() { return client.socket().connected(); }
  bool timed_out() { return client.socket().timed_out(); }
  bool sent_away() { return client.goaway() >= 0; }
  void leave() { client.socket().reset(); }
  std::string state(std::int32_t stream) { return client.state(stream); }

  H2Client client;
};

struct Visitor3 {
  explicit Visitor3(TestServer& server)
      : client(server.quic_address(),
               {.window = 1000 + draw(200'000), .loses_each = one_in(3) ? 20U : 0U}) {}
  static bool connected() { return true; }
  bool timed_out() { return client.timed_out(); }
  // A client that comes when the server is about to go hears no more than that.
  bool sent_away() { return client.going_away() || client.close_code() >= 0; }
  void leave() { client.vanish(); }
  std::string state(int) { return client.state(); }

  H3Client client;
};

struct Storm {
  Protocol protocol = Protocol::http2;
  std::uint64_t seed = 1;
  unsigned workers = 4;
  unsigned pollers = 2;
  unsigned clients = 5;
  bool recycles = false;
  Duration exec_ttl{};
  Duration time = 1500ms;
};

class StreamStorm {
 public:
  explicit StreamStorm(const Storm& storm) : storm_(storm) {}
  void run();

 private:
  struct Asked {
    std::string kind;
    std::string id;
    std::string body;
    bool unwanted = false;
  };
  After script(const ScriptContext& context);
  void client(unsigned number);
  template <class Visitor>
  void visit(const std::string& name);
  void check(const Asked& asked, const H2Answer& answer);

  const Storm storm_;
  PinCount pins_;
  std::unique_ptr<TestServer> server_;
  std::atomic<bool> over_{false};
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> answers_{0};
};

After StreamStorm::script(const ScriptContext& context) {
  HttpExchange& exchange = context.exchange;
  const HttpRequest& request = exchange.request();
  const std::string_view kind = request(request.head.path).substr(1);
  if (kind == "slow") std::this_thread::sleep_for(std::chrono::microseconds(draw(3000)));
  if (kind == "echo" || kind == "slow") {
    respond_with(exchange, 200, PinnedBytes{request.body});
  } else if (kind == "big") {
    respond_with(exchange, 200, pins_.pin(pattern()));
  } else if (kind == "inform") {
    exchange.inform({.status = 103});
    respond_with(exchange, 200, PinnedBytes{"informed"});
  } else if (kind == "dies") {
    return After::end_of_life;
  } else if (kind == "stuck") {
    const TimePoint patience = Clock::now() + kPatience;
    while (!exchange.ended() && Clock::now() < patience) std::this_thread::sleep_for(500us);
    (void)exchange.aborted();
    respond_with(exchange, 200, pins_.pin(pattern()));
  } else if (kind == "stream" || kind == "paused") {
    bool alive = start_with(exchange, 200);
    for (std::size_t sent = 0; alive && sent < request.body.size();) {
      const std::string_view bytes =
          request.body.substr(sent, 1 + draw(1 + request.body.size() / 5));
      // Pinned bytes outlive the exchange: of the pattern, which the request's are taken from.
      const std::size_t from =
          pattern().find(bytes.substr(0, std::min<std::size_t>(23, bytes.size())));
      const PinnedBytes piece =
          one_in(2) && from != std::string::npos &&
                  pattern().compare(from, bytes.size(), bytes) == 0
              ? pins_.pin(std::string_view(pattern()).substr(from, bytes.size()))
              : PinnedBytes{bytes};
      if (kind == "paused") {
        alive = static_cast<http::Transaction&>(exchange).write_no_wait(piece);
        if (alive) wait_while_congested(exchange);
      } else {
        alive = exchange.write(piece);
      }
      sent += bytes.size();
    }
    exchange.finish();
  } else if (kind != "silent") {
    respond_with(exchange, 404, {});
  }
  return After::next_job;
}

void StreamStorm::check(const Asked& asked, const H2Answer& answer) {
  answers_.fetch_add(1, std::memory_order_relaxed);
  const std::string name =
      asked.kind + " " + asked.id + " (RR_SEED=" + std::to_string(storm_.seed) + ")";
  if (asked.unwanted) return;
  if (!answer.complete) {
    if (!stopping_) ADD_FAILURE() << "reset with " << answer.reset << ": " << name;
    return;
  }
  if (answer.field("x-id") != asked.id) {
    ADD_FAILURE() << "another's answer, " << answer.field("x-id") << ": " << name;
    return;
  }
  const bool may_fail = asked.kind == "silent" || asked.kind == "dies" || asked.kind == "stuck" ||
                        stopping_.load() || storm_.exec_ttl > Duration::zero();
  if (answer.status == 500) {
    if (!may_fail) ADD_FAILURE() << "error " << answer.field("x-error") << ": " << name;
    return;
  }
  std::string expected = asked.body;
  if (asked.kind == "big") expected = pattern();
  if (asked.kind == "inform") expected = "informed";
  if (asked.kind == "native") expected = "native";
  const bool cut = storm_.exec_ttl > Duration::zero() && expected.starts_with(answer.body);
  if (answer.body != expected && !cut)
    ADD_FAILURE() << "body of " << answer.body.size() << " for " << expected.size() << ": " << name;
}

// One connection.
template <class Visitor>
void StreamStorm::visit(const std::string& name) {
  Visitor visitor(*server_);
  if (!visitor.connected()) return;
  auto& client = visitor.client;
  static constexpr const char* kKinds[] = {"echo",   "echo",   "echo",   "slow",   "native",
                                           "big",    "stream", "stream", "paused", "inform",
                                           "silent", "dies",   "stuck"};
  const std::size_t kinds = std::size(kKinds) - (storm_.exec_ttl > Duration::zero() ? 0 : 1);
  int number = 0;
  for (auto rounds = 1 + draw(4); rounds > 0; --rounds) {
    std::map<int, Asked> asked;
    for (auto count = 1 + draw(20); count > 0; --count) {
      Asked one;
      one.kind = kKinds[draw(kinds)];
      if ((one.kind == "stuck" || one.kind == "dies") && !one_in(4)) one.kind = "echo";
      one.id = name + "." + std::to_string(++number);
      if (one.kind == "echo" || one.kind == "slow" || one.kind == "stream" || one.kind == "paused")
        one.body = pattern().substr(draw(1000), one_in(6) ? draw(400'000) : draw(2000));
      const auto stream = client.request(one.body.empty() ? "GET" : "POST", "/" + one.kind,
                                         {{"x-id", one.id}}, one.body);
      asked[stream] = one;
      if (one_in(3)) client.poke();
    }
    for (auto& [stream, one] : asked) {
      if (!one_in(8)) continue;
      one.unwanted = true;
      client.reset(stream);
      if (one_in(2)) client.poke();
    }
    const bool leaves = rounds == 1 && one_in(3);
    if (leaves) {
      for (auto steps = draw(20); steps > 0; --steps) client.poke();
      if (one_in(2)) visitor.leave();
      return;
    }
    for (const auto& [stream, one] : asked) {
      const H2Answer* answer = client.wait(stream);
      if (!answer) {
        if (visitor.timed_out() || (!stopping_ && !visitor.sent_away()))
          ADD_FAILURE() << (visitor.timed_out() ? "no answer in time: " : "left alone: ")
                        << one.kind << " " << one.id << ", " << visitor.state(stream)
                        << " (RR_SEED=" << storm_.seed << ")";
        return;
      }
      check(one, *answer);
    }
    if (visitor.sent_away()) return;
  }
}

void StreamStorm::client(unsigned number) {
  seed_thread(storm_.seed, 1000 + number);
  for (std::uint64_t count = 1; !over_.load(); ++count) {
    const std::string name = std::to_string(number) + "." + std::to_string(count);
    if (storm_.protocol == Protocol::http2) {
      visit<Visitor2>(name);
    } else {
      visit<Visitor3>(name);
    }
  }
}

void StreamStorm::run() {
  std::fprintf(stderr, "storm: RR_SEED=%llu\n", static_cast<unsigned long long>(storm_.seed));
  TestServer::Options options;
  options.pollers = storm_.pollers;
  options.recycles = storm_.recycles;
  options.http2.output_bytes = options.http2.script_output_bytes = 64 * 1024;
  options.http2.session.work = 1'000'000;  // resets are what this is about
  if (storm_.protocol == Protocol::http3) options.quic.emplace();
  options.http3.output_bytes = options.http3.script_output_bytes = 64 * 1024;
  options.http3.quic.session.work = 1'000'000;
  options.http3.quic.idle = 5s;  // for clients that leave without a word
  options.crew.workers = storm_.workers;
  options.crew.exec_ttl = storm_.exec_ttl;
  options.crew.script = [this](const ScriptContext& context) { return script(context); };
  set_jitter(20);
  server_ = std::make_unique<TestServer>(options);
  std::vector<std::thread> clients;
  for (unsigned number = 0; number < storm_.clients; ++number)
    clients.emplace_back([this, number] { client(number); });
  std::this_thread::sleep_for(storm_.time);
  stopping_ = true;
  over_ = true;
  if (one_in(2)) {
    for (auto& each : clients) each.join();
    server_->stop();
  } else {
    server_->stop(20s);
    for (auto& each : clients) each.join();
  }
  set_jitter(0);
  const Counts& counts = server_->handler.counts();
  EXPECT_EQ(counts.made.load(), counts.disposed.load());
  EXPECT_EQ(counts.answered_twice.load(), 0u);
  EXPECT_EQ(pins_.held.load(), 0);
  EXPECT_EQ(server_->http2->open_connections(), 0u);
  if (server_->http3) EXPECT_EQ(server_->http3->open_connections(), 0u);
  std::fprintf(stderr, "storm: %llu requests, %llu answers\n",
               static_cast<unsigned long long>(counts.handled.load()),
               static_cast<unsigned long long>(answers_.load()));
}

TEST(Http2Storm, EveryStreamGetsItsOwnAnswer) {
  in_rounds(20, [] { StreamStorm({.seed = run_seed(), .time = runs_long() ? 5s : 1500ms}).run(); });
}

TEST(Http2Storm, GuardAnswersForStuckScripts) {
  in_rounds(20, [] {
    StreamStorm({.seed = run_seed(),
                 .workers = 3,
                 .recycles = true,
                 .exec_ttl = 30ms,
                 .time = runs_long() ? 5s : 1500ms})
        .run();
  });
}

TEST(Http2Storm, OneWorkerAndManyClients) {
  in_rounds(10, [] {
    StreamStorm({.seed = run_seed(), .workers = 1, .clients = 10, .time = runs_long() ? 5s : 1s})
        .run();
  });
}

TEST(Http3Storm, EveryStreamGetsItsOwnAnswer) {
  in_rounds(20, [] {
    StreamStorm(
        {.protocol = Protocol::http3, .seed = run_seed(), .time = runs_long() ? 5s : 1500ms})
        .run();
  });
}

TEST(Http3Storm, GuardAnswersForStuckScripts) {
  in_rounds(20, [] {
    StreamStorm({.protocol = Protocol::http3,
                 .seed = run_seed(),
                 .workers = 3,
                 .recycles = true,
                 .exec_ttl = 30ms,
                 .time = runs_long() ? 5s : 1500ms})
        .run();
  });
}

TEST(Http3Storm, OneWorkerAndManyClients) {
  in_rounds(20, [] {
    StreamStorm({.protocol = Protocol::http3,
                 .seed = run_seed(),
                 .workers = 1,
                 .pollers = 4,
                 .clients = 8,
                 .time = runs_long() ? 5s : 1500ms})
        .run();
  });
}

}  // namespace
}  // namespace rr::net::testing
