// Exchanges with worker processes, whole answers.
// Behind a real pool and reactor; the worker does what its request says (scripted_worker.cc). Sheet
// cases that need HTTP are in tests/golden.
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "process_fixture.h"

namespace rr::pool {
namespace {

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

}  // namespace
}  // namespace rr::pool
