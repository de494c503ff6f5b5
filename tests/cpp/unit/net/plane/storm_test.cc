// Requests of every kind at once, with random delays everywhere; every client checks that each
// complete request got exactly one answer, its own. RR_SEED repeats a run's numbers (not its
// interleaving), RR_LONG=1 runs for minutes.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "client.h"
#include "gate.h"
#include "jitter.h"
#include "storms.h"
#include "test_server.h"

namespace rr::net::testing {
namespace {

using namespace std::chrono_literals;
using After = ScriptedOptions::After;

constexpr std::size_t kBig = 3 * 1024 * 1024;
const std::string& pattern() {
  static const std::string bytes = lettered(kBig);
  return bytes;
}

struct Storm {
  std::uint64_t seed = 1;
  unsigned workers = 4;
  unsigned pollers = 2;
  unsigned clients = 6;
  bool recycles = false;
  Duration exec_ttl{};
  Duration time = 1500ms;
  Duration write = 5s;
  unsigned jitter = 12;
  bool resets = true;
};

class StormRun {
 public:
  explicit StormRun(const Storm& storm) : storm_(storm) {}
  void run();

 private:
  // ---- the scripts' side
  After script(const ScriptContext& context);

  // ---- the clients' side
  struct Request {
    std::string bytes;
    std::string id;
    std::string kind;
    std::string body;
    bool head = false;
  };
  Request make_request(const std::string& id);
  void client(unsigned number);
  void visit(unsigned number, std::uint64_t visit);
  void check(const Request& request, const Answer& answer);
  void failed(const std::string& what, const Request& request);

  const Storm storm_;
  PinCount pins_;
  std::unique_ptr<TestServer> server_;
  std::atomic<bool> over_{false};
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> answers_{0};
  std::atomic<std::uint64_t> errors_[16] = {};
};

void spin_or_sleep(std::chrono::microseconds time, const std::atomic<int>* interrupts) {
  const TimePoint until = Clock::now() + time;
  while (Clock::now() < until && (!interrupts || interrupts->load() == 0)) {
    if (one_in(3)) {
      std::this_thread::sleep_for(50us);
    } else {
      std::this_thread::yield();
    }
  }
}

After StormRun::script(const ScriptContext& context) {
  HttpExchange& exchange = context.exchange;
  const HttpRequest& request = exchange.request();
  const std::string_view kind = request(request.head.path).substr(1);
  if (kind == "echo") {
    respond_with(exchange, 200, PinnedBytes{request.body});
  } else if (kind == "slow") {
    spin_or_sleep(std::chrono::microseconds(draw(5000)), nullptr);
    respond_with(exchange, 200, PinnedBytes{"slow"});
  } else if (kind == "big") {
    respond_with(exchange, 200, pins_.pin(pattern()));
  } else if (kind == "stream" || kind == "paused") {
    if (!start_with(exchange, 200)) return After::next_job;
    std::size_t sent = 0;
    const std::size_t total =
        request.field("X-Bytes").empty()
            ? 0
            : static_cast<std::size_t>(std::atoll(std::string(request.field("X-Bytes")).c_str()));
    while (sent < total) {
      const std::size_t piece = std::min<std::size_t>(total - sent, 1 + draw(1 + total / 6));
      const std::string_view bytes = std::string_view(pattern()).substr(sent, piece);
      const bool pinned = one_in(2);
      bool alive;
      if (kind == "paused") {
        alive = static_cast<http::Transaction&>(exchange).write_no_wait(
                    pinned ? pins_.pin(bytes) : PinnedBytes{bytes}) &&
                wait_while_congested(exchange);
      } else {
        alive = exchange.write(pinned ? pins_.pin(bytes) : PinnedBytes{bytes});
      }
      if (!alive) break;
      sent += piece;
      if (one_in(4)) spin_or_sleep(std::chrono::microseconds(draw(300)), nullptr);
    }
    exchange.finish();
  } else if (kind == "inform") {
    exchange.inform({.status = 103});
    respond_with(exchange, 200, PinnedBytes{"informed"});
  } else if (kind == "nobody") {
    respond_with(exchange, 204, {});
  } else if (kind == "stuck" || kind == "half") {
    // Hears no interrupt: it is answered for, and what it says afterwards is not wanted.
    if (kind == "half") {
      start_with(exchange, 200);
      exchange.write(PinnedBytes{"half"});
    }
    const TimePoint patience = Clock::now() + kPatience;
    while (!exchange.ended() && Clock::now() < patience) std::this_thread::sleep_for(500us);
    EXPECT_TRUE(exchange.ended()) << "the guard has forgotten a stuck script";
    exchange.inform({.status = 103});
    (void)exchange.started();
    (void)exchange.aborted();
    respond_with(exchange, 200, pins_.pin(pattern()));
  } else if (kind == "endless") {
    while (context.interrupts.load() == 0 && !over_.load()) std::this_thread::sleep_for(200us);
    return After::end_of_life;
  } else if (kind == "silent") {
  } else if (kind == "dies") {
    return After::end_of_life;
  } else if (kind == "last") {
    respond_with(exchange, 200, PinnedBytes{"last"});
    return After::end_of_life;
  } else {
    respond_with(exchange, 404, {});
  }
  return After::next_job;
}

StormRun::Request StormRun::make_request(const std::string& id) {
  Request request;
  request.id = id;
  static constexpr const char* kKinds[] = {"echo",   "echo",   "echo",   "echo",   "slow",
                                           "slow",   "native", "big",    "skip",   "stream",
                                           "stream", "paused", "inform", "nobody", "silent",
                                           "dies",   "last",   "stuck",  "half",   "endless"};
  const std::size_t kinds = std::size(kKinds) - (storm_.exec_ttl > Duration::zero() ? 0 : 3);
  request.kind = kKinds[draw(kinds)];
  if ((request.kind == "stuck" || request.kind == "half" || request.kind == "endless" ||
       request.kind == "dies") &&
      !one_in(6))
    request.kind = "echo";
  std::string head;
  if (request.kind == "stream" || request.kind == "paused") {
    const std::size_t bytes = one_in(4) ? draw(kBig) : draw(64 * 1024);
    request.body = pattern().substr(0, bytes);
    head += "X-Bytes: " + std::to_string(bytes) + "\r\n";
  }
  const bool posts = request.kind == "skip" || (request.kind == "echo" && one_in(2));
  request.head = !posts && request.kind == "echo" && one_in(8);
  std::string content;
  if (posts) {
    const std::string body = pattern().substr(
        draw(1000), one_in(10) ? draw(request.kind == "skip" ? 100'000 : 300'000) : draw(2000));
    if (request.kind == "echo") request.body = body;
    if (one_in(2)) {
      head += "Transfer-Encoding: chunked\r\n";
      for (std::size_t at = 0; at < body.size();) {
        const std::size_t piece = std::min<std::size_t>(body.size() - at, 1 + draw(20'000));
        char size[32];
        std::snprintf(size, sizeof size, "%zx\r\n", piece);
        content += size + body.substr(at, piece) + "\r\n";
        at += piece;
      }
      content += "0\r\n\r\n";
    } else {
      head += "Content-Length: " + std::to_string(body.size()) + "\r\n";
      content = body;
    }
  }
  request.bytes = std::string(posts          ? "POST"
                              : request.head ? "HEAD"
                                             : "GET") +
                  " /" + request.kind + " HTTP/1.1\r\nHost: x\r\nX-Id: " + id + "\r\n" + head +
                  "\r\n" + content;
  return request;
}

void StormRun::failed(const std::string& what, const Request& request) {
  ADD_FAILURE() << what << ": " << request.kind << " " << request.id << " (RR_SEED=" << storm_.seed
                << ")";
}

void StormRun::check(const Request& request, const Answer& answer) {
  answers_.fetch_add(1, std::memory_order_relaxed);
  if (answer.field("x-id") != request.id)
    return failed("another's answer, " + answer.field("x-id"), request);
  if (answer.status == 500) {
    const auto kind = static_cast<unsigned>(std::atoi(answer.field("x-error").c_str()));
    errors_[kind % 16].fetch_add(1);
    const auto code = static_cast<Errc>(kind);
    const bool right =
        code == Errc::exec_ttl || (code == Errc::stopped && stopping_.load()) ||
        (code == Errc::network &&
         (request.kind == "silent" || request.kind == "dies" || request.kind == "endless"));
    if (!right) failed("error " + std::to_string(kind), request);
    if (code == Errc::exec_ttl && storm_.exec_ttl == Duration::zero()) failed("exec_ttl", request);
    return;
  }
  const std::string& kind = request.kind;
  if (kind == "nobody") {
    if (answer.status != 204) failed("status " + std::to_string(answer.status), request);
    return;
  }
  if (kind == "skip") {
    if (answer.status != 404) failed("status " + std::to_string(answer.status), request);
    return;
  }
  if (answer.status != 200) return failed("status " + std::to_string(answer.status), request);
  bool same = true;
  if (kind == "echo") same = answer.body == request.body || request.head;
  // A stream may end early where exec_ttl ended it.
  if (kind == "stream" || kind == "paused")
    same = answer.body == request.body ||
           (storm_.exec_ttl > Duration::zero() && request.body.starts_with(answer.body));
  if (kind == "half") same = answer.body == "half";
  if (kind == "big") same = answer.body == pattern();
  if (!same)
    failed("body of " + std::to_string(answer.body.size()) + " bytes, expected " +
               std::to_string(request.body.size()),
           request);
}

// One connection.
void StormRun::visit(unsigned number, std::uint64_t visit) {
  Client client(server_->address(), {.receive_buffer = one_in(4) ? 4096 : 0});
  if (!client.connected()) {
    if (!stopping_.load()) ADD_FAILURE() << "no connection";
    return;
  }
  const auto goodbye =
      draw(10);  // 0: half a head, 1: RST anywhere, 2: half-close, 3: reads nothing
  std::uint64_t sequence = 0;
  for (auto rounds = 1 + draw(4); rounds > 0; --rounds) {
    std::vector<Request> requests;
    std::string bytes;
    for (auto count = one_in(2) ? 1 : 1 + draw(20); count > 0; --count) {
      requests.push_back(make_request(std::to_string(number) + "." + std::to_string(visit) + "." +
                                      std::to_string(++sequence)));
      bytes += requests.back().bytes;
    }
    const bool last = rounds == 1;
    if (last && goodbye <= 1) {
      bytes.resize(draw(bytes.size() + 1));
      client.send(bytes);
      client.flush();
      if (one_in(2)) spin_or_sleep(std::chrono::microseconds(draw(2000)), nullptr);
      if (goodbye == 1) client.reset();
      return;
    }
    if (one_in(3)) client.read_slowly(4000 + draw(40'000), std::chrono::microseconds(draw(200)));
    // In pieces, cut anywhere.
    while (!bytes.empty()) {
      const std::size_t piece = one_in(3) ? bytes.size() : 1 + draw(bytes.size());
      client.send(std::string_view(bytes).substr(0, piece));
      if (piece < bytes.size()) client.flush();
      bytes.erase(0, piece);
      if (one_in(2)) jitter();
    }
    if (last && goodbye == 2) {
      client.flush();
      client.half_close();
    }
    if (last && goodbye == 3) {
      client.flush();
      spin_or_sleep(std::chrono::microseconds(draw(3000)), nullptr);
      return;  // unread answers: the server sees a reset
    }
    for (const Request& request : requests) {
      std::optional<Answer> answer;
      do {
        answer = client.answer(request.head);
      } while (answer && answer->status < 200);
      if (!answer) {
        if (!stopping_.load()) {
          std::string all;
          for (const Request& each : requests)
            all += each.id + " " + each.bytes.substr(0, each.bytes.find("\r\n\r\n")) + " (" +
                   std::to_string(each.bytes.size()) + ")\n";
          ADD_FAILURE() << all << client.rest().substr(0, 2000);
        }
        if (client.timed_out()) return failed("no answer in time", request);
        if (client.partial() && request.kind != "stream" && request.kind != "paused")
          return failed("part of an answer", request);
        if (!stopping_.load()) failed("connection ended without an answer", request);
        return;
      }
      check(request, *answer);
      if (answer->closes) {
        if (!stopping_.load()) failed("closes", request);
        return;
      }
    }
  }
  if (goodbye == 2 && !client.at_end())
    ADD_FAILURE() << "half-closed connection stays open or says more";
}

void StormRun::client(unsigned number) {
  seed_thread(storm_.seed, 1000 + number);
  for (std::uint64_t count = 1; !over_.load(); ++count) visit(number, count);
}

void StormRun::run() {
  std::fprintf(stderr, "storm: RR_SEED=%llu\n", static_cast<unsigned long long>(storm_.seed));
  TestServer::Options options;
  options.pollers = storm_.pollers;
  options.recycles = storm_.recycles;
  options.limits.output_bytes = options.limits.script_output_bytes = 64 * 1024;
  options.limits.write = storm_.write;
  options.limits.linger = 5s;
  options.crew.workers = storm_.workers;
  options.crew.exec_ttl = storm_.exec_ttl;
  options.crew.max_jobs = storm_.seed % 3 == 0 ? 50 : 0;
  options.crew.boot = [] { spin_or_sleep(std::chrono::microseconds(draw(300)), nullptr); };
  options.crew.script = [this](const ScriptContext& context) { return script(context); };
  set_jitter(storm_.jitter * 2);
  server_ = std::make_unique<TestServer>(options);
  std::vector<std::thread> clients;
  for (unsigned number = 0; number < storm_.clients; ++number) {
    clients.emplace_back([this, number] { client(number); });
  }
  seed_thread(storm_.seed, 0);
  const TimePoint end = Clock::now() + storm_.time;
  while (Clock::now() < end) {
    spin_or_sleep(std::chrono::microseconds(1000 + draw(60'000)), nullptr);
    if (storm_.resets) {
      EXPECT_TRUE(server_->pool->reset());
    }
  }
  // Stops under full load.
  stopping_.store(true);
  server_->stop(20s);
  over_.store(true);
  for (auto& thread : clients) thread.join();
  set_jitter(0);

  Counts& counts = server_->handler.counts();
  EXPECT_EQ(server_->server->open_connections(), 0u);
  EXPECT_EQ(counts.made.load(), counts.disposed.load());
  EXPECT_EQ(counts.answered_twice.load(), 0u);
  EXPECT_GE(counts.answered.load(), counts.handled.load());
  EXPECT_EQ(pins_.held.load(), 0);
  EXPECT_EQ(server_->pool->counts().waiting, 0u);
  std::fprintf(
      stderr, "storm: %llu requests, %llu answers read, exec_ttl %llu, network %llu\n",
      static_cast<unsigned long long>(counts.handled.load()),
      static_cast<unsigned long long>(answers_.load()),
      static_cast<unsigned long long>(errors_[static_cast<unsigned>(Errc::exec_ttl)].load()),
      static_cast<unsigned long long>(errors_[static_cast<unsigned>(Errc::network)].load()));
}

TEST(Storm, EveryRequestGetsItsOwnAnswerOnce) {
  in_rounds(20, [] { StormRun({.seed = run_seed(), .time = runs_long() ? 5s : 1500ms}).run(); });
}

TEST(Storm, GuardAnswersForStuckScripts) {
  in_rounds(20, [] {
    StormRun({.seed = run_seed(),
              .workers = 3,
              .recycles = true,
              .exec_ttl = 30ms,
              .time = runs_long() ? 5s : 1500ms})
        .run();
  });
}

TEST(Storm, OneWorkerAndManyClients) {
  in_rounds(10, [] {
    StormRun({.seed = run_seed(), .workers = 1, .clients = 10, .time = runs_long() ? 5s : 1s})
        .run();
  });
}

TEST(Storm, ManyWorkersThatParkAndFewClients) {
  in_rounds(10, [] {
    StormRun({.seed = run_seed(),
              .workers = 9,
              .clients = 4,
              .recycles = true,
              .time = runs_long() ? 5s : 1s,
              .jitter = 5})
        .run();
  });
}

}  // namespace
}  // namespace rr::net::testing
