// Worker processes behind a real pool and reactor; the worker does what its request says
// (scripted_worker.cc). Sheet cases that need HTTP are in tests/golden.
#include <set>

#include <gmock/gmock.h>

#include "process_fixture.h"

namespace rr::pool {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string start_error(std::vector<std::string> boot, Duration allocate_timeout = 20s,
                        std::uint32_t workers = 1) {
  ProcessPool pool(std::move(boot));
  pool.options.workers = workers;
  pool.options.allocate_timeout = allocate_timeout;
  auto started = pool.start();
  EXPECT_FALSE(started);
  return started ? "" : started.error().text();
}

// ---------------------------------------------------------------- start

// spec:01#11
TEST(ProcessStart, WorkersAreReadyAfterTheHandshake) {
  for (const char* flags : {"pid-flags 1", "pid-flags 9"}) {
    ProcessPool pool({flags});
    pool.options.workers = 3;
    pool.must_start();
    const auto workers = pool.pool().workers();
    ASSERT_EQ(workers.size(), 3u);
    for (const auto& worker : workers) {
      EXPECT_EQ(worker.state, WorkerState::ready);
      EXPECT_GT(worker.pid, 0);
      EXPECT_GT(worker.memory_bytes, 0u);
      EXPECT_EQ(worker.executions, 0u);
    }
  }
}

// spec:01#12
TEST(ProcessStart, WrongAnswersToTheHandshakeFailIt) {
  EXPECT_THAT(start_error({"pid-flags 0"}),
              EndsWith("unexpected response, header is missing, no CONTROL flag"));
  EXPECT_THAT(start_error({"pid-payload {\"pid\":0}"}), EndsWith("pid should be greater than 0"));
  EXPECT_THAT(start_error({"pid-payload []"}),
              StartsWith("static_pool_allocate_workers: WorkerAllocate: "));
}

// spec:01#13
TEST(ProcessStart, StrayOutputIsQuoted) {
  const auto began = Clock::now();
  const std::string text = "warning: some weird php error";
  std::string hex;
  for (unsigned char c : text) {
    char two[3];
    snprintf(two, sizeof two, "%02x", c);
    hex += two;
  }
  EXPECT_EQ(start_error({"raw " + hex, "greet-nothing"}),
            "static_pool_allocate_workers: WorkerAllocate:\n\tgoridge_frame_receive: validation "
            "failed on the message sent to STDOUT, see: "
            "https://docs.roadrunner.dev/error-codes/stdout-crc, invalid message: " +
                text);
  EXPECT_LT(Clock::now() - began, 6s);
}

// spec:01#14
TEST(ProcessStart, AWorkerThatNeverAnswersFailsItInTime) {
  EXPECT_THAT(start_error({"raw 414243", "greet-nothing"}, 300ms),
              HasSubstr("failed to spawn a worker, possible reasons: "
                        "https://docs.roadrunner.dev/error-codes/allocate-timeout"));
}

// spec:01#15
TEST(ProcessStart, EarlyExitQuotesStderr) {
  const auto text = start_error({"stderr PHP Parse error: syntax error", "exit 1"});
  EXPECT_THAT(text,
              StartsWith("static_pool_allocate_workers: WorkerAllocate: EOF (exit status 1)"));
  EXPECT_THAT(text, EndsWith("PHP Parse error: syntax error"));
}

// spec:01#15
TEST(ProcessStart, MissingBinaryIsNamed) {
  ProcessPool pool;
  pool.options.launch.command = {"no-such-interpreter", "w.php"};
  auto started = pool.start();
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().text(), HasSubstr("exec: \"no-such-interpreter\""));
}

TEST(ProcessStart, WhatCannotBeExecutedIsNamed) {
  ProcessPool pool;
  pool.options.launch.command = {"/etc/passwd"};
  auto started = pool.start();
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().text(), HasSubstr("/etc/passwd: permission denied"));
}

// spec:01#29
TEST(ProcessStart, OneThatFailsEndsTheOthers) {
  ProcessPool pool;
  // The first to make the directory comes up, the others exit.
  char folder[] = "/tmp/rr_process_XXXXXX";
  ASSERT_NE(mkdtemp(folder), nullptr);
  const std::string lock = std::string(folder) + "/one";
  pool.options.launch.command = {
      "/bin/sh", "-c", "mkdir " + lock + " && exec " RR_SCRIPTED_WORKER " ignore-stop; exit 1"};
  pool.options.workers = 3;
  EXPECT_FALSE(pool.start());
  rmdir(lock.c_str());
  rmdir(folder);
}

// spec:01#16
TEST(ProcessStart, EnvironmentIsTheWorkers) {
  ProcessPool pool;
  pool.must_start();
  EXPECT_EQ(pool.submit("env RR_MODE")->wait().body(), "http");
  EXPECT_EQ(pool.submit("env HOME")->wait().body(), "(unset)");
}

// spec:01#18
TEST(ProcessStderr, IsLoggedAndDoesNotDisturb) {
  ProcessPool pool;
  pool.must_start();
  auto reply = pool.submit("stderr something odd\nanswer - ok");
  EXPECT_EQ(reply->wait().body(), "ok");
  EXPECT_TRUE(pool.output.wait_for("something odd"));
  EXPECT_EQ(pool.submit("stderr-bytes 204800\nanswer - ok")->wait().body(), "ok");
  EXPECT_TRUE(pool.output.wait_for(std::string(200000, 'e')));
}

// ---------------------------------------------------------------- exchanges

// spec:01#19
TEST(ProcessExchange, ContextAndBodyAreSplitExactly) {
  ProcessPool pool;
  pool.must_start();
  auto both = pool.submit("answer {\"a\":1} hello");
  EXPECT_EQ(both->wait().chunks(), (std::vector<Reply::Chunk>{{0, false, "{\"a\":1}", "hello"}}));
  auto context_only = pool.submit("answer {} -");
  EXPECT_EQ(context_only->wait().chunks(), (std::vector<Reply::Chunk>{{0, false, "{}", ""}}));
  auto body_only = pool.submit("frame 128 0 0 body");
  EXPECT_EQ(body_only->wait().chunks(), (std::vector<Reply::Chunk>{{128, false, "", "body"}}));
  auto empty = pool.submit("frame 0 0 0 -");
  EXPECT_EQ(empty->wait().chunks(), (std::vector<Reply::Chunk>{{0, false, "", ""}}));
  auto nothing = pool.submit("", "");
  EXPECT_EQ(nothing->wait().error(), "static_pool_exec: payload can not be empty");
}

// spec:01#10
TEST(ProcessExchange, SizesGoBothWaysIntact) {
  ProcessPool pool;
  pool.must_start();
  for (std::size_t size :
       {0u, 1u, 4095u, 4096u, 65535u, 65536u, 65537u, (1u << 20) + 1, (10u << 20) + 1}) {
    std::string body(size, '\0');
    for (std::size_t i = 0; i < size; ++i) body[i] = static_cast<char>(i * 31 + (i >> 8));
    auto reply = pool.submit("echo", body);
    EXPECT_TRUE(reply->wait().body() == body) << size;
  }
  EXPECT_EQ(pool.pool().workers()[0].executions, 9u);
}

TEST(ProcessExchange, ManyAtOnceAreEachAnsweredOnce) {
  ProcessPool pool;
  pool.options.workers = 4;
  pool.must_start();
  std::vector<std::shared_ptr<Reply>> replies;
  for (int i = 0; i < 2000; ++i) replies.push_back(pool.submit("echo", std::to_string(i)));
  for (int i = 0; i < 2000; ++i) {
    ASSERT_EQ(replies[i]->wait().body(), std::to_string(i));
    EXPECT_EQ(replies[i]->answers(), 1);
  }
  EXPECT_EQ(pool.pool().counts().executions, 2000u);
  pool.wait_for_ready(4);
}

TEST(ProcessExchange, ManyBigOnesFromManyThreads) {
  ProcessPool pool;
  pool.options.workers = 3;
  pool.must_start();
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&pool, t] {
      for (int i = 0; i < 20; ++i) {
        const std::string body(static_cast<std::size_t>(300'000 + t * 1000 + i),
                               static_cast<char>('a' + i));
        EXPECT_TRUE(pool.submit("echo", body)->wait().body() == body);
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

TEST(ProcessExchange, OneThatCannotBeEncodedCostsNoWorker) {
  ProcessPool pool;
  pool.must_start();
  const std::string pid = pool.pid();
  auto reply =
      pool.submit("echo", "", [](FakeExchange& exchange) { exchange.encode_fails = true; });
  EXPECT_EQ(reply->wait().error(), "fake: Encode: cannot be encoded");
  EXPECT_EQ(pool.pid(), pid);
}

TEST(ProcessExchange, APayloadOverTheLimitIsRefused) {
  ProcessPool pool;
  pool.options.max_payload = 1000;
  pool.must_start();
  EXPECT_EQ(pool.submit("echo", std::string(1000, 'x'))->wait().code(), Errc::encode);
  // An answer over it ends the worker.
  auto reply = pool.submit("raw 13000000007f000000000000");
  EXPECT_EQ(reply->wait().code(), Errc::network);
}

// The next request of a connection is submitted while the last one is concluded, on that thread.
TEST(ProcessExchange, AChainOfRequestsDoesNotGrowTheStack) {
  ProcessPool pool;
  pool.options.workers = 2;
  pool.must_start();
  struct Chain {
    ProcessPool& pool;
    std::atomic<int> left{3000};
    std::shared_ptr<Reply> last;
    std::mutex mutex;  // guards last
    static void next(void* context) {
      auto* chain = static_cast<Chain*>(context);
      if (chain->left.fetch_sub(1) <= 0) return;
      auto reply = chain->pool.submit("echo", "x", [&](FakeExchange& exchange) {
        exchange.then = next;
        exchange.then_context = chain;
      });
      std::lock_guard lock(chain->mutex);
      chain->last = reply;
    }
  } chain{pool, {}, {}, {}};
  chain.left = 3000;
  Chain::next(&chain);
  const auto limit = Clock::now() + 60s;
  while (chain.left.load() > -1 && Clock::now() < limit) std::this_thread::yield();
  EXPECT_EQ(chain.left.load(), -1);
}

// spec:01#20
TEST(ProcessExchange, AnErrorFrameKeepsTheWorker) {
  ProcessPool pool;
  pool.must_start();
  const std::string pid = pool.pid();
  auto reply = pool.submit("frame 64 0 - boom");
  EXPECT_EQ(reply->wait().error(), "sync_worker_receive_frame: SoftJobError: boom");
  EXPECT_EQ(reply->code(), Errc::soft_job);
  auto empty = pool.submit("frame 64 0 - -");
  EXPECT_EQ(empty->wait().code(), Errc::soft_job);
  EXPECT_EQ(pool.pid(), pid);
}

// spec:01#21
TEST(ProcessExchange, AWorkerMayAskToBeStopped) {
  char folder[] = "/tmp/rr_process_XXXXXX";
  ASSERT_NE(mkdtemp(folder), nullptr);
  const std::string asked = std::string(folder) + "/asked";
  {
    ProcessPool pool;
    pool.options.workers = 2;
    pool.must_start();
    // The first to create the file asks, whoever comes after it answers.
    auto reply = pool.submit("ask-once " + asked + "\npid");
    EXPECT_NE(reply->wait().body(), "");
    EXPECT_EQ(reply->error(), "");
    EXPECT_EQ(reply->encoded(), 2);
    pool.wait_for_ready(2);
  }
  unlink(asked.c_str());
  rmdir(folder);
}

TEST(ProcessExchange, WhatEveryWorkerRefusesEndsWithThePool) {
  ProcessPool pool;
  pool.must_start();
  auto reply = pool.submit("answer {\"stop\":true} -");
  const auto limit = Clock::now() + 20s;
  while (reply->encoded() < 3 && Clock::now() < limit) std::this_thread::yield();
  pool.stop(0s);
  EXPECT_EQ(reply->wait().answers(), 1);
}

// spec:01#21
TEST(ProcessExchange, WhatOnlyLooksLikeAskingToBeStoppedIsAnAnswer) {
  ProcessPool pool;
  pool.must_start();
  const std::string pid = pool.pid();
  EXPECT_EQ(pool.submit("frame 0 0 14 {\"stop\": true}")->wait().chunks()[0].context,
            "{\"stop\": true}");
  EXPECT_EQ(pool.submit("answer {\"stop\":true} body")->wait().body(), "body");
  EXPECT_EQ(pool.pid(), pid);
}

// spec:01#22
TEST(ProcessExchange, AnAnswerNeedsExactlyOneOption) {
  ProcessPool pool;
  pool.must_start();
  for (const char* options : {"-", "0,1", "0,1,2,3,4,5,6,7,8,9"}) {
    const std::string pid = pool.pid();
    auto reply = pool.submit(std::string("frame 0 0 ") + options + " hello");
    EXPECT_EQ(reply->wait().error(),
              "sync_worker_receive_frame: Decode: options length should be equal 1 (body offset)");
    pool.wait_until_gone(pid);
    EXPECT_NE(pool.pid(), pid);
  }
}

// spec:01#22
TEST(ProcessExchange, AnOptionBeyondThePayloadEndsTheWorker) {
  ProcessPool pool;
  pool.must_start();
  const std::string pid = pool.pid();
  auto reply = pool.submit("frame 0 0 6 hello");
  EXPECT_EQ(reply->wait().error(), "sync_worker_receive_frame: Network: bad payload hello");
  EXPECT_NE(pool.pid(), pid);
}

// spec:01#23
TEST(ProcessExchange, DeathFailsOneRequestOnce) {
  ProcessPool pool;
  pool.must_start();
  for (const char* end : {"exit 0", "exit 1", "signal 9", "close-stdout\nsleep 20000"}) {
    const std::string pid = pool.pid();
    auto reply = pool.submit(end);
    EXPECT_EQ(reply->wait().error(), "sync_worker_receive_frame: Network: EOF") << end;
    EXPECT_EQ(reply->encoded(), 1);
    EXPECT_EQ(reply->answers(), 1);
    pool.wait_until_gone(pid);
    EXPECT_NE(pool.pid(), pid);
    EXPECT_EQ(pool.pool().workers().size(), 1u);
  }
}

// spec:01#5 spec:01#60
TEST(ProcessExchange, AnswersCutOffAreErrors) {
  ProcessPool pool;
  pool.must_start();
  const std::string vector_f = "14800500 00008ea1 bdaf0000 03000000 08c8016f 6b";
  std::string hex;
  for (char c : vector_f) {
    if (c != ' ') hex += c;
  }
  for (std::size_t bytes : {1u, 5u, 11u, 12u, 14u, 16u, 18u, 20u}) {
    auto reply = pool.submit("raw " + hex.substr(0, 2 * bytes) + "\nexit 0");
    EXPECT_EQ(reply->wait().error(), "sync_worker_receive_frame: Network: unexpected EOF") << bytes;
  }
  EXPECT_EQ(pool.submit("raw " + hex)->wait().body(), "ok");
}

// spec:01#4
TEST(ProcessExchange, AnAnswerInPiecesIsOneAnswer) {
  ProcessPool pool;
  pool.must_start();
  const std::string pid = pool.pid();
  auto reply = pool.submit(
      "raw 14\nsleep 10\nraw 80050000\nsleep 10\nraw 008ea1bdaf0000\nsleep 10\nraw 0300\nsleep 10\n"
      "raw 000008c8\nsleep 10\nraw 016f6b");
  EXPECT_EQ(reply->wait().chunks(),
            (std::vector<Reply::Chunk>{{0x80, false, "\x08\xc8\x01", "ok"}}));
  EXPECT_EQ(pool.pid(), pid);
}

// spec:01#24 spec:01#7
TEST(ProcessExchange, WhatIsNoFrameFailsTheRequestAtOnce) {
  ProcessPool pool;
  pool.must_start();
  // "Notice: Undefined variable\n": its first letter implies 44 bytes of options.
  auto notice = pool.submit("raw 4e6f746963653a20556e646566696e6564207661726961626c650a");
  EXPECT_EQ(notice->wait().error(),
            "sync_worker_receive_frame: Network:\n\tgoridge_frame_receive: validation failed on "
            "the message sent to STDOUT, see: https://docs.roadrunner.dev/error-codes/stdout-crc, "
            "invalid message: Notice: Undefined variable\n");
  // Header lengths of 2 and 15 words with good checksums.
  EXPECT_EQ(pool.submit("raw 1280050000009342e479000068656c6c6f")->wait().code(), Errc::network);
  EXPECT_EQ(pool.submit("raw 1f80050000004d517ac50000000000007878787878")->wait().code(),
            Errc::network);
  EXPECT_EQ(pool.submit("answer - fine")->wait().body(), "fine");
}

// spec:01#59
TEST(ProcessExchange, ASecondAnswerIsNobodysElse) {
  ProcessPool pool;
  pool.must_start();
  const std::string pid = pool.pid();
  auto first = pool.submit("twice");
  auto second = pool.submit("pid");
  EXPECT_EQ(first->wait().chunks()[0].context, "first");
  EXPECT_NE(second->wait().body(), pid);
  EXPECT_EQ(second->error(), "");
}

// spec:01#24
TEST(ProcessExchange, AWorkerThatWritesWhileIdleIsReplaced) {
  ProcessPool pool;
  pool.must_start();
  const std::string pid = pool.pid();
  EXPECT_EQ(pool.submit("answer - ok\nsleep 50\nraw 7070")->wait().body(), "ok");
  pool.wait_until_gone(pid);
  EXPECT_NE(pool.pid(), pid);
}

// It exits behind its answer, as workers do that count their own jobs; the next request may be in
// its pipe already.
TEST(ProcessExchange, AWorkerThatExitsBehindItsAnswerCostsNoRequest) {
  ProcessPool pool;
  pool.options.workers = 2;
  pool.must_start();
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(pool.submit("answer - ok\nexit 0")->wait().error(), "");
  }
}

TEST(ProcessExchange, PipesHeldByAGrandchildDoNotKeepARequest) {
  ProcessPool pool;
  pool.must_start();
  auto reply = pool.submit("fork-holder\nexit 0");
  EXPECT_EQ(reply->wait(5s).code(), Errc::network);
}

TEST(ProcessExchange, AnAnswerBeforeTheRequestWasReadEndsTheWorker) {
  ProcessPool pool({"greet-nothing"});
  // A shell that greets and answers the first request without reading it.
  pool.options.launch.command = {
      "/bin/sh", "-c",
      "printf '\\023\\001\\014\\000\\000\\000\\236\\107\\066\\103\\000\\000{\"pid\":7001}'; "
      "sleep 0.3; printf "
      "'\\024\\000\\005\\000\\000\\000\\034\\021\\133\\036\\000\\000\\000\\000\\000\\000hello'; "
      "sleep 20"};
  pool.must_start();
  auto reply = pool.submit("x", std::string(4 << 20, 'x'));
  EXPECT_EQ(reply->wait().body(), "hello");
  auto other = pool.submit("y", "z");
  EXPECT_EQ(other->wait().body(), "hello");
}

// ---------------------------------------------------------------- limits

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

// ---------------------------------------------------------------- streams

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

// ---------------------------------------------------------------- life cycle

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
