// How worker processes stop, are reset and replaced; a storm of all that.
// Behind a real pool and reactor; the worker does what its request says (scripted_worker.cc). Sheet
// cases that need HTTP are in tests/golden.
#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "process_fixture.h"

namespace rr::pool {
namespace {

// spec:01#37
TEST(ProcessStop, IdleWorkersEndAtOnce) {
  ProcessPool pool;
  pool.options.workers = 4;
  pool.must_start();
  const auto began = Clock::now();
  pool.stop(30s);
  EXPECT_LT(Clock::now() - began, 5s);
  EXPECT_TRUE(pool.pool().workers().empty());
}

// spec:01#39
TEST(ProcessStop, WhatRunsIsFinished) {
  ProcessPool pool;
  pool.must_start();
  auto reply = pool.submit("sleep 300\nanswer - finished");
  pool.stop(20s);
  EXPECT_EQ(reply->wait().body(), "finished");
  EXPECT_EQ(pool.submit("pid")->wait().code(), Errc::stopped);
}

// At the deadline a busy worker hears of the stop, and goes if it can.
TEST(ProcessStop, ABusyWorkerGetsItsStopFrameAtTheDeadline) {
  ProcessPool pool;
  pool.must_start();
  auto reply = pool.submit("next\nseen\nsleep 20000");
  const auto began = Clock::now();
  pool.stop(200ms);
  EXPECT_LT(Clock::now() - began, 10s);
  EXPECT_EQ(reply->wait().body(), "9,0,0,{\"stop\":true};");
}

TEST(ProcessStop, ABusyWorkerThatDoesNotHearIsKilled) {
  ProcessPool pool;
  pool.must_start();
  auto reply = pool.submit("sleep 60000");
  const auto began = Clock::now();
  pool.stop(100ms);
  EXPECT_LT(Clock::now() - began, 15s);
  EXPECT_EQ(reply->wait().code(), Errc::network);
}

// spec:01#38
TEST(ProcessReset, ReplacesEveryWorkerAndFailsNoRequest) {
  ProcessPool pool;
  pool.options.workers = 3;
  pool.must_start();
  std::set<std::int64_t> before;
  for (const auto& worker : pool.pool().workers()) before.insert(worker.pid);
  std::atomic<bool> done{false};
  std::thread load([&] {
    while (!done) EXPECT_EQ(pool.submit("sleep 1\nanswer - ok")->wait().error(), "");
  });
  auto busy = pool.submit("sleep 200\nanswer - ok");
  auto reset = pool.pool().reset();
  EXPECT_TRUE(reset);
  done = true;
  load.join();
  EXPECT_EQ(busy->wait().error(), "");
  for (const auto& worker : pool.pool().workers()) EXPECT_EQ(before.count(worker.pid), 0u);
  EXPECT_EQ(pool.pool().workers().size(), 3u);
}

// A job that outlives reset_timeout is finished; the worker has its stop frame behind it.
TEST(ProcessReset, AJobThatOutlivesTheTimeoutIsFinished) {
  ProcessPool pool;
  pool.config.reset_timeout = 100ms;
  pool.must_start();
  auto reply = pool.submit("sleep 600\nanswer - late");
  auto reset = pool.pool().reset();
  EXPECT_TRUE(reset);
  EXPECT_EQ(reply->wait().body(), "late");
}

// spec:01#54
TEST(ProcessReplacement, IsTriedAgainUntilItComesUp) {
  char folder[] = "/tmp/rr_process_XXXXXX";
  ASSERT_NE(mkdtemp(folder), nullptr);
  const std::string bad = std::string(folder) + "/bad";
  {
    ProcessPool pool;
    pool.options.launch.command = {"/bin/sh", "-c",
                                   "test -e " + bad + " && exit 1; exec " RR_SCRIPTED_WORKER};
    pool.must_start();
    fclose(fopen(bad.c_str(), "w"));
    EXPECT_EQ(pool.submit("exit 1")->wait().code(), Errc::network);
    auto waiting = pool.submit("answer - served");
    const auto until = Clock::now() + 300ms;
    while (Clock::now() < until) std::this_thread::yield();
    EXPECT_FALSE(waiting->over());
    unlink(bad.c_str());
    EXPECT_EQ(waiting->wait().body(), "served");
    // And a reset that fails says so.
    fclose(fopen(bad.c_str(), "w"));
    auto reset = pool.pool().reset();
    ASSERT_FALSE(reset);
    EXPECT_EQ(reset.error().code, Errc::worker_allocate);
    unlink(bad.c_str());
    EXPECT_EQ(pool.submit("answer - again")->wait().body(), "again");
  }
  rmdir(folder);
}

// spec:01#41
TEST(ProcessDebug, EveryExchangeHasAProcessOfItsOwn) {
  ProcessPool pool;
  pool.options.debug = true;
  pool.must_start();
  std::set<std::string> pids;
  for (int i = 0; i < 5; ++i) pids.insert(pool.pid());
  EXPECT_EQ(pids.size(), 5u);
  EXPECT_EQ(pool.submit("frame 64 0 - boom")->wait().code(), Errc::soft_job);
  EXPECT_EQ(pool.submit("frame 0 1 0 a\nframe 0 0 0 b")->wait().body(), "ab");
  auto one = pool.submit("sleep 100\npid");
  auto other = pool.submit("sleep 100\npid");
  EXPECT_NE(one->wait().body(), other->wait().body());
  EXPECT_TRUE(pool.pool().workers().empty());
}

TEST(ProcessDebug, AWorkerThatDoesNotComeUpFailsItsExchange) {
  ProcessPool pool({"exit 1"});
  pool.options.debug = true;
  pool.must_start();
  EXPECT_EQ(pool.submit("pid")->wait().code(), Errc::worker_allocate);
}

// Workers that end in every way there is, resets between: every request is answered once.
TEST(ProcessStorm, EveryRequestIsAnsweredOnce) {
  ProcessPool pool;
  pool.options.workers = 4;
  pool.options.max_jobs = 20;
  pool.options.exec_ttl = 2s;
  pool.must_start();
  const std::vector<std::string> scripts = {"echo",
                                            "echo",
                                            "echo",
                                            "echo",
                                            "exit 0",
                                            "exit 3",
                                            "signal 9",
                                            "signal 11",
                                            "twice",
                                            "raw 4e6f746963653a20556e646566696e6564",
                                            "frame 0 0 - x",
                                            "frame 64 0 - soft",
                                            "answer - ok\nexit 0",
                                            "frame 0 1 0 a\nframe 0 5 0 b\nframe 0 0 0 c",
                                            "frame 0 1 0 a\nsignal 9",
                                            "answer - ok\nraw 0102"};
  std::vector<std::thread> threads;
  std::atomic<int> answered{0};
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      unsigned seed = static_cast<unsigned>(t) + 1;
      for (int i = 0; i < 250; ++i) {
        seed = seed * 1103515245u + 12345u;
        auto reply = pool.submit(scripts[(seed >> 16) % scripts.size()],
                                 std::string(seed % 70000, 'b'), [&](FakeExchange& exchange) {
                                   if (seed % 7 == 0) exchange.chunks_wanted = 1;
                                 });
        reply->wait();
        if (reply->answers() <= 1) ++answered;
      }
    });
  }
  std::thread resets([&] {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(pool.pool().reset());
  });
  for (auto& thread : threads) thread.join();
  resets.join();
  EXPECT_EQ(answered, 750);
  pool.wait_for_ready(4);
}

}  // namespace
}  // namespace rr::pool
