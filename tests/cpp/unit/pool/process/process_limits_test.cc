// The limits of worker processes: exec_ttl, max_jobs, queues, memory.
// Behind a real pool and reactor; the worker does what its request says (scripted_worker.cc). Sheet
// cases that need HTTP are in tests/golden.
#include <set>
#include <string>
#include <vector>

#include "process_fixture.h"

namespace rr::pool {
namespace {

// spec:01#25
TEST(ProcessLimitsTest, ExecTtlEndsTheRequestAndItsWorker) {
  ProcessPool pool;
  pool.options.exec_ttl = 300ms;
  pool.must_start();
  const std::string pid = pool.pid();
  EXPECT_EQ(pool.submit("sleep 50\nanswer - ok")->wait().body(), "ok");
  const auto began = Clock::now();
  auto reply = pool.submit("sleep 20000");
  EXPECT_EQ(reply->wait().error(), "worker_exec_with_timeout: ExecTTL: context deadline exceeded");
  EXPECT_GE(Clock::now() - began, 300ms);
  EXPECT_LT(Clock::now() - began, 5s);
  pool.wait_until_gone(pid);
  EXPECT_NE(pool.pid(), pid);
}

// spec:01#26
TEST(ProcessLimitsTest, MaxJobsAnswersFirstAndReplacesBehind) {
  ProcessPool pool({"ignore-stop"});  // so that the old one is still there when the answer comes
  pool.options.max_jobs = 1;
  pool.must_start();
  EXPECT_EQ(pool.submit("answer - ok")->wait(5s).body(), "ok");
}

// spec:01#26
TEST(ProcessLimitsTest, MaxJobsOfOneMeansANewProcessEachTime) {
  ProcessPool pool;
  pool.options.max_jobs = 1;
  pool.must_start();
  std::set<std::string> pids;
  for (int i = 0; i < 10; ++i) pids.insert(pool.pid());
  EXPECT_EQ(pids.size(), 10u);
}

// spec:01#26
TEST(ProcessLimitsTest, MaxJobsIsJittered) {
  ProcessPool pool;
  pool.options.max_jobs = 100;
  pool.must_start();
  std::vector<std::string> pids;
  while (pids.size() < 300) pids.push_back(pool.pid());
  std::size_t first = 0;
  while (pids[first] == pids[0]) ++first;
  EXPECT_GE(first, 100u);
  EXPECT_LE(first, 114u);
}

// spec:01#27
TEST(ProcessLimitsTest, MaxQueueSizeCountsWhatRuns) {
  ProcessPool pool;
  pool.config.max_queue_size = 1;
  pool.must_start();
  auto running = pool.submit("sleep 200\nanswer - ok");
  EXPECT_EQ(pool.submit("pid")->wait().code(), Errc::queue_size);
  EXPECT_EQ(running->wait().body(), "ok");
  EXPECT_EQ(pool.submit("answer - again")->wait().body(), "again");
}

// spec:01#28
TEST(ProcessLimitsTest, NoFreeWorkerWithinAllocateTimeout) {
  ProcessPool pool;
  pool.config.allocate_timeout = 200ms;
  pool.must_start();
  auto running = pool.submit("sleep 1500\nanswer - ok");
  const auto began = Clock::now();
  EXPECT_EQ(pool.submit("pid")->wait().code(), Errc::no_free_workers);
  EXPECT_GE(Clock::now() - began, 200ms);
  EXPECT_LT(Clock::now() - began, 1500ms);
  EXPECT_EQ(running->wait().body(), "ok");
}

// spec:01#40
TEST(ProcessLimitsTest, OldWorkersAreReplacedWhenIdle) {
  ProcessPool pool;
  pool.options.limits.ttl = 300ms;
  pool.options.limits.watch_tick = 50ms;
  pool.must_start();
  const std::string pid = pool.pid();
  auto busy = pool.submit("sleep 600\nanswer - finished");
  EXPECT_EQ(busy->wait().body(), "finished");
  pool.wait_until_gone(pid);
  EXPECT_NE(pool.pid(), pid);
}

// spec:01#40
TEST(ProcessLimitsTest, MemoryOverTheLimitReplacesTheWorkerBehindItsAnswer) {
  ProcessPool pool;
  pool.options.limits.memory_bytes = 1;
  pool.options.limits.watch_tick = 50ms;
  pool.must_start();
  const std::string pid = pool.pid();
  EXPECT_EQ(pool.submit("sleep 200\nanswer - delivered")->wait().body(), "delivered");
  pool.wait_until_gone(pid);
}

}  // namespace
}  // namespace rr::pool
