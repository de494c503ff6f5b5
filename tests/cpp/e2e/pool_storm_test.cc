// The pool under load while its workers are killed, replaced, added and removed: each request gets
// its one answer, in time, and afterwards the server holds what it held before. One kind of trouble
// a storm, so that what it may cost can be counted. 100 000 requests each with `./dev test --long`.
#include <signal.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <sstream>

#include <gtest/gtest.h>

#include "shots.h"
#include "storm.h"
#include "styles.h"

namespace rr::e2e {
namespace {

constexpr int kWorkers = 4;
constexpr int kClients = 16;

std::uint64_t requests() {
  if (long_form()) return 100'000;
  return !sanitizer().empty() ? 600 : 5000;
}

std::vector<Style> styles_on(bool threads) {
  std::vector<Style> found;
  for (const auto& style : plain_styles()) {
    if (style.thread() == threads) found.push_back(style);
  }
  return found;
}

class PoolStorm : public ::testing::TestWithParam<Style> {
 protected:
  // `pool` is YAML as in Serving. Warm, and what it holds then is what it should hold again.
  void begin(int workers, const std::string& pool, const std::string& flags = {}) {
    server = std::make_unique<Server>(
        serve(style, {.workers = workers,
                      .flags = flags,
                      .pool = pool,
                      .more = "rpc: {listen: 'unix://{dir}/rpc.sock'}\n"}));
    children = style.thread() ? server->usage().children : workers;
    Tally warm;
    fire(requests() / 4, warm);
    EXPECT_TRUE(warm.clean()) << warm.complaints();
    before = settled(*server, children);
  }
  void fire(std::uint64_t total, Tally& told) {
    storm(
        server->port(), kClients, total,
        [](std::mt19937&, std::uint64_t number) { return identity(number, Killed::no); }, told);
  }
  // After a storm of all requests into `told`.
  void check(const Tally& told) {
    EXPECT_EQ(told.answered(), requests());
    EXPECT_TRUE(told.clean()) << told.complaints();
    EXPECT_LT(told.longest(), patience(20s)) << "somebody was forgotten";
    std::cout << "  " << told.answered() << " answered, " << told.good()
              << " with 200, the slowest after " << told.longest().count() << " ms\n";
    expect_back(before, settled(*server, children));
    for (int i = 0; i < 20; ++i) EXPECT_EQ(server->get("/").body, "hello");
  }
  // As `workers` sees them.
  long workers() const {
    const auto ran = server->run({"workers", "--json", "-c", "{dir}/.rr.yaml"});
    long count = 0;
    for (std::size_t at = 0; (at = ran.output.find("\"pid\"", at)) != std::string::npos; ++at)
      ++count;
    return count;
  }
  // As the log tells it, in order: a look at all of them is none at one moment.
  long most_workers_at_once() const {
    std::istringstream log(server->log());
    long now = 0, most = 0;
    for (std::string line; std::getline(log, line);) {
      if (line.find("worker is allocated") != std::string::npos) most = std::max(most, ++now);
      if (line.find("worker stopped\"") != std::string::npos) --now;
    }
    return most;
  }
  void reset(Tally& told) {
    const auto ran = server->run({"reset", "-c", "{dir}/.rr.yaml"});
    if (ran.status != 0) told.wrong("reset: " + ran.output);
  }

  const Style& style = GetParam();
  std::unique_ptr<Server> server;
  long children = 0;
  Usage before;
};
INSTANTIATE_TEST_SUITE_P(Styles, PoolStorm, ::testing::ValuesIn(plain_styles()), style_name);

// spec:01#23
class KillStorm : public PoolStorm {};
INSTANTIATE_TEST_SUITE_P(Styles, KillStorm, ::testing::ValuesIn(styles_on(false)), style_name);

TEST_P(KillStorm, AKilledWorkerCostsTheRequestItRanAndNoOther) {
  begin(kWorkers, "");
  Tally told;
  std::uint64_t killed = 0;
  {
    // One or two, once all are there: one that dies again and again while it boots is tried again
    // after a growing pause.
    const Mischief kills(10ms, 80ms, [&](std::mt19937& random) {
      auto workers = server->descendants();
      if (workers.size() < kWorkers) return;
      std::ranges::shuffle(workers, random);
      workers.resize(1 + random() % 2);
      for (const pid_t worker : workers) killed += ::kill(worker, SIGKILL) == 0 ? 1 : 0;
    });
    storm(
        server->port(), kClients, requests(),
        [](std::mt19937&, std::uint64_t number) { return identity(number, Killed::yes); }, told);
  }
  std::cout << "  " << killed << " workers killed\n";
  EXPECT_GT(killed, 0U);
  EXPECT_LE(told.answered() - told.good(), killed);
  check(told);
}

// What a thread can do to itself in place of being killed; a plain request beside it must not
// notice.
class DeathStorm : public PoolStorm {};
INSTANTIATE_TEST_SUITE_P(Styles, DeathStorm, ::testing::ValuesIn(styles_on(true)), style_name);

TEST_P(DeathStorm, AScriptThatEndsCostsItsOwnRequestAndNoOther) {
  begin(kWorkers, ", supervisor: {exec_ttl: 1s}", "-d memory_limit=64M");
  Tally told;
  storm(
      server->port(), kClients, requests(),
      [this](std::mt19937& random, std::uint64_t number) {
        return often_failing(style, random, number, Killed::no);
      },
      told);
  check(told);
}

// spec:01#38
TEST_P(PoolStorm, ResetsCostNoRequest) {
  begin(kWorkers, "");
  Tally told;
  std::uint64_t resets = 0;
  {
    const Mischief mischief(20ms, 200ms, [&](std::mt19937&) {
      reset(told);
      ++resets;
    });
    fire(requests(), told);
  }
  std::cout << "  " << resets << " resets\n";
  EXPECT_GT(resets, 0U);
  EXPECT_EQ(told.good(), requests());
  check(told);
}

// spec:01#28
TEST_P(PoolStorm, WorkersThatComeAndGoCostNoRequest) {
  // Some that sleep at once make the others wait for more than allocate_timeout: additional workers
  // come, and go in the calm after each wave. (A process must be able to start in that time, too.)
  const auto limit = patience(500ms);
  begin(2, ", allocate_timeout: " + std::to_string(limit.count()) +
               "ms, dynamic_allocator: {max_workers: 6, spawn_rate: 3, idle_timeout: 1s}");
  const std::string sleep = "/sleep?ms=" + std::to_string(2 * limit.count());
  const std::uint64_t waves = long_form() ? 20 : 2;
  const auto wave = [&](Tally& tally) {
    storm(
        server->port(), kClients, requests() / waves,
        [&](std::mt19937&, std::uint64_t number) {
          return number % 1000 < 4 ? expecting(sleep, {200}) : identity(number, Killed::no);
        },
        tally);
    EXPECT_TRUE(eventually([&] { return workers() == 2; }, 20s)) << workers() << " are left";
  };
  // What eight threads have touched of malloc's arenas stays: further waves add nothing to it.
  Tally warm, told;
  wave(warm);
  before = settled(*server, children);
  for (std::uint64_t number = 0; number < waves; ++number) wave(told);
  const long most = most_workers_at_once();
  std::cout << "  2 workers, at most " << most << '\n';
  EXPECT_GT(most, 2);
  EXPECT_LE(most, 8);
  EXPECT_EQ(told.good(), requests());
  check(told);
}

}  // namespace
}  // namespace rr::e2e
