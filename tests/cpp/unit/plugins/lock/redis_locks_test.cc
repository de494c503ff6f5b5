// Locks in a real redis, of two servers that share it.
#include "runtime/plugins/lock/redis_locks.h"

#include <atomic>
#include <optional>
#include <random>

#include "tests/cpp/unit/plugins/kv/servers.h"
#include "tests/cpp/unit/plugins/lock/contract.h"

namespace rr::lock {
namespace {

using namespace std::chrono_literals;
using keyvalue::free_port;
using keyvalue::Program;

class RedisLocksTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!keyvalue::is_installed("redis-server")) GTEST_SKIP() << "redis-server is not installed";
    const std::uint16_t port = free_port();
    server_.emplace(keyvalue::redis_words(port), port);
    one_ = made();
    two_ = made();
  }
  std::unique_ptr<RedisLocks> made(std::int64_t retries = 100) {
    redis::Settings settings;
    settings.addrs = {server_->address()};
    settings.max_retries = retries;
    settings.settle();
    auto client = redis::Client::make(settings, Logger{});
    return std::make_unique<RedisLocks>(std::move(*client), "t:");
  }
  std::optional<Program> server_;
  std::unique_ptr<RedisLocks> one_;
  std::unique_ptr<RedisLocks> two_;
};

TEST_F(RedisLocksTest, KeepTheContract) {
  expect_lock_contract(*one_);
}

TEST_F(RedisLocksTest, AreOfAllServers) {
  Locked here(*one_, "foo"), there(*two_, "foo");
  EXPECT_NE(here.lock("a"), 0u);
  EXPECT_EQ(there.lock("b"), 0u);
  auto waits = std::async(std::launch::async, [&] { return there.lock("b", 0s, 60s); });
  EXPECT_TRUE(here.release("a"));
  const LockFence fence = waits.get();
  EXPECT_NE(fence, 0u);
  EXPECT_TRUE(here.release("b")) << "whoever knows the id";
  EXPECT_GT(here.lock("c"), fence);
}

TEST_F(RedisLocksTest, SurviveARestartOfRedisAndFailNoCall) {
  std::atomic<bool> stop = false;
  std::atomic<int> had = 0, inside = 0, broken = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      RedisLocks& locks = t % 2 == 0 ? *one_ : *two_;
      const std::string id = std::to_string(t);
      while (!stop) {
        const auto fence = locks.acquire({"foo", id, LockMode::exclusive, 0s, 60s});
        if (!fence || *fence == 0) {
          ++broken;
          continue;
        }
        if (inside.fetch_add(1) != 0) ++broken;
        inside.fetch_sub(1);
        const auto released = locks.release("foo", id);
        if (!released || !*released) ++broken;
        ++had;
      }
    });
  }
  for (int restart = 0; restart < 2; ++restart) {
    for (const int before = had; had < before + 50;) std::this_thread::sleep_for(1ms);
    server_->stop();
    server_->start();
  }
  for (const int before = had; had < before + 50;) std::this_thread::sleep_for(1ms);
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(broken, 0);
}

TEST_F(RedisLocksTest, AWaitOfAServerThatDiedIsForgotten) {
  Locked here(*one_, "foo");
  here.read("a");
  auto dying =
      std::async(std::launch::async, [&] { return Locked(*two_, "foo").lock("w", 0s, 600s); });
  while (here.read("c") != 0) here.release("c");
  two_->close();  // leaves in order; one that is killed is given up after five seconds
  EXPECT_EQ(dying.get(), 0u);
  EXPECT_NE(here.read("c"), 0u);
}

TEST_F(RedisLocksTest, AnUnreachableRedisIsAnErrorAndNoLock) {
  auto impatient = made(0);
  server_->stop();
  const auto fence = impatient->acquire({"foo", "a"});
  ASSERT_FALSE(fence);
  EXPECT_NE(fence.error().text().find("connection refused"), std::string::npos);
}

// spec:04#36
TEST_F(RedisLocksTest, ManyCallsOfAllKindsNeverMakeTwoWriters) {
  std::array<std::atomic<int>, 3> inside{};
  std::atomic<int> broken = 0;
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      RedisLocks& locks = t % 2 == 0 ? *one_ : *two_;
      std::mt19937 random(t);
      for (int i = 0; i < 100; ++i) {
        const unsigned which = random() % inside.size();
        const std::string name = "r" + std::to_string(which), id = std::to_string(t);
        const bool shared = random() % 2 == 0;
        const auto fence = locks.acquire({name, id, shared ? LockMode::shared : LockMode::exclusive,
                                          0s, std::chrono::microseconds(random() % 3 * 10'000)});
        if (!fence) ++broken;
        if (!fence || *fence == 0) continue;
        const int before = inside[which].fetch_add(shared ? 1 : 1000);
        if (shared ? before >= 1000 : before != 0) ++broken;
        inside[which].fetch_sub(shared ? 1 : 1000);
        if (const auto released = locks.release(name, id); !released || !*released) ++broken;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(broken, 0);
}

}  // namespace
}  // namespace rr::lock
