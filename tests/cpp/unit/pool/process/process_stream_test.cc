// Answers in pieces from worker processes.
// Behind a real pool and reactor; the worker does what its request says (scripted_worker.cc). Sheet
// cases that need HTTP are in tests/golden.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "process_fixture.h"

namespace rr::pool {
namespace {

// spec:01#30
TEST(ProcessStream, ChunksComeInOrderAndEachPingHasItsPong) {
  ProcessPool pool;
  pool.must_start();
  const std::string pid = pool.pid();
  auto reply = pool.submit("frame 0 1 1 sa\nframe 0 5 0 f\nnext\nframe 0 0 0 -");
  EXPECT_EQ(
      reply->wait().chunks(),
      (std::vector<Reply::Chunk>{{0, true, "s", "a"}, {0, true, "", "f"}, {0, false, "", ""}}));
  EXPECT_EQ(pool.submit("seen")->wait().body(), "0,8,0,;");
  EXPECT_EQ(pool.pid(), pid);
}

// spec:01#31
TEST(ProcessStream, PingOnTheFirstFrameNeedsNoPongAndOnTheLastDoes) {
  ProcessPool pool;
  pool.must_start();
  auto reply = pool.submit("frame 0 5 0 a\nframe 0 1 0 b\nframe 0 4 0 c\nnext");
  EXPECT_EQ(reply->wait().body(), "abc");
  EXPECT_EQ(pool.submit("seen")->wait().body(), "0,8,0,;");
}

TEST(ProcessStream, ManyChunksInOneReadAreAllTaken) {
  ProcessPool pool;
  pool.must_start();
  std::string commands;
  for (int i = 0; i < 500; ++i) commands += "frame 0 1 0 " + std::to_string(i % 10) + "\n";
  auto reply = pool.submit(commands + "frame 0 0 0 end");
  EXPECT_EQ(reply->wait().chunks().size(), 501u);
  EXPECT_EQ(reply->body().substr(0, 12), "012345678901");
}

// spec:01#32
TEST(ProcessStream, AReceiverThatLeavesStopsTheStream) {
  ProcessPool pool;
  pool.must_start();
  const std::string pid = pool.pid();
  auto reply =
      pool.submit("frame 0 1 0 a\nframe 0 1 0 b\nframe 0 1 0 c\nnext\nframe 0 5 0 d\nframe 0 0 0 -",
                  "", [](FakeExchange& exchange) { exchange.chunks_wanted = 3; });
  reply->wait();
  EXPECT_EQ(reply->body(), "abc");
  // The ping of a frame that nobody wants has no pong.
  EXPECT_EQ(pool.submit("seen")->wait().body(), "0,2,0,;");
  EXPECT_EQ(pool.pid(), pid);
}

// spec:01#32
TEST(ProcessStream, AStoppedStreamThatDoesNotEndCostsTheWorker) {
  ProcessPool pool;
  pool.options.stream_timeout = 200ms;
  pool.must_start();
  const std::string pid = pool.pid();
  auto reply = pool.submit("frame 0 1 0 a\nsleep 20000", "",
                           [](FakeExchange& exchange) { exchange.chunks_wanted = 1; });
  reply->wait();
  pool.wait_until_gone(pid);
  EXPECT_NE(pool.pid(), pid);
}

// spec:01#33
TEST(ProcessStream, AnErrorInTheMiddleStopsTheWorker) {
  ProcessPool pool;
  pool.must_start();
  const std::string pid = pool.pid();
  auto reply = pool.submit("frame 0 1 0 a\nframe 64 0 - boom");
  EXPECT_EQ(reply->wait().error(), "sync_worker_receive_frame: SoftJobError: boom");
  EXPECT_EQ(reply->body(), "a");
  EXPECT_NE(pool.pid(), pid);
}

// spec:01#33
TEST(ProcessStream, DeathInTheMiddleIsAnErrorAfterWhatCame) {
  ProcessPool pool;
  pool.must_start();
  auto reply = pool.submit("frame 0 1 0 a\nexit 1");
  EXPECT_EQ(reply->wait().code(), Errc::network);
  EXPECT_EQ(reply->body(), "a");
}

// spec:01#34
TEST(ProcessStream, ASlowReceiverHoldsTheWorkerBack) {
  ProcessPool pool;
  pool.options.exec_ttl = 300ms;  // does not count while the receiver is slow
  pool.must_start();
  std::string commands;
  for (int i = 0; i < 40; ++i) commands += "frame 0 1 0 " + std::string(100'000, 'x') + "\n";
  std::atomic<bool> congested{false};
  FakeExchange* exchange = nullptr;
  auto reply = pool.submit(commands + "frame 0 0 0 -", "", [&](FakeExchange& fake) {
    fake.congested_after = 2;
    fake.congested_now = &congested;
    exchange = &fake;
    fake.retain();
  });
  congested.wait(false);
  const auto until = Clock::now() + 600ms;
  while (Clock::now() < until) std::this_thread::yield();
  EXPECT_EQ(reply->chunks().size(), 2u);
  EXPECT_FALSE(reply->over());
  exchange->resume(exchange->resume_context);
  EXPECT_EQ(reply->wait().body().size(), 4'000'000u);
  EXPECT_EQ(reply->error(), "");
  exchange->release();
}

TEST(ProcessStream, StopDoesNotWaitForASlowReceiver) {
  ProcessPool pool;
  pool.must_start();
  std::atomic<bool> congested{false};
  FakeExchange* exchange = nullptr;
  auto reply =
      pool.submit("frame 0 1 0 a\nsleep 20000\nframe 0 0 0 -", "", [&](FakeExchange& fake) {
        fake.congested_after = 1;
        fake.congested_now = &congested;
        exchange = &fake;
        fake.retain();
      });
  congested.wait(false);
  pool.stop(100ms);
  EXPECT_EQ(reply->wait().answers(), 1);
  exchange->resume(exchange->resume_context);  // comes too late and is ignored
  exchange->release();
}

// spec:01#35
TEST(ProcessStream, ExecTtlCountsForEachFrame) {
  ProcessPool pool;
  pool.options.exec_ttl = 400ms;
  pool.must_start();
  auto steady = pool.submit(
      "frame 0 1 0 a\nsleep 250\nframe 0 1 0 b\nsleep 250\nframe 0 1 0 c\nsleep 250\nframe 0 0 0 "
      "d");
  EXPECT_EQ(steady->wait().body(), "abcd");
  EXPECT_EQ(steady->error(), "");
  auto gap = pool.submit("frame 0 1 0 a\nsleep 20000\nframe 0 0 0 d");
  EXPECT_EQ(gap->wait().code(), Errc::exec_ttl);
  EXPECT_EQ(gap->body(), "a");
}

// spec:01#36
TEST(ProcessStream, MaxJobsLetsAStreamEnd) {
  ProcessPool pool;
  pool.options.max_jobs = 1;
  pool.must_start();
  auto reply = pool.submit("frame 0 1 0 a\nframe 0 1 0 b\nframe 0 0 0 c");
  EXPECT_EQ(reply->wait().body(), "abc");
  EXPECT_EQ(pool.submit("answer - next")->wait().body(), "next");
}

}  // namespace
}  // namespace rr::pool
