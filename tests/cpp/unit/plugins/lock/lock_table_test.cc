#include "runtime/plugins/lock/lock_table.h"

#include <atomic>
#include <future>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/cpp/unit/plugins/lock/contract.h"

namespace rr::lock {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;

// What locks without waiters see of time stands still until a test moves it.
std::atomic<Duration> moved{Duration{}};
TimePoint moved_now() {
  static const TimePoint start = Clock::now();
  return start + moved.load();
}

class LockTableTest : public testing::Test {
 protected:
  LockFence lock(std::string_view id, microseconds ttl = 0s, microseconds wait = 0s,
                 LockTable* table = nullptr) {
    return must((table ? *table : table_).acquire({"foo", id, LockMode::exclusive, ttl, wait}));
  }
  LockFence read(std::string_view id, microseconds ttl = 0s, microseconds wait = 0s) {
    return must(table_.acquire({"foo", id, LockMode::shared, ttl, wait}));
  }
  bool release(std::string_view id) { return *table_.release("foo", id); }
  bool exists(std::string_view id) { return *table_.exists("foo", id); }

  // Runs `call` on a thread; it is in the queue when this returns: nobody else gets the lock.
  template <class Call>
  std::future<LockFence> waiting(Call call) {
    return std::async(std::launch::async, std::move(call));
  }
  template <class T>
  static T must(Result<T> result) {
    EXPECT_TRUE(result) << result.error().text();
    return result ? *result : T{};
  }

  LockTable table_{Logger{}};
};

TEST_F(LockTableTest, KeepsTheContract) {
  expect_lock_contract(table_);
}

// spec:04#27
TEST_F(LockTableTest, OneOwnerUntilItReleases) {
  EXPECT_NE(lock("a"), 0u);
  EXPECT_EQ(lock("b"), 0u);
  EXPECT_EQ(lock("a"), 0u) << "not re-entrant";
  EXPECT_FALSE(release("b"));
  EXPECT_TRUE(release("a"));
  EXPECT_FALSE(release("a"));
  EXPECT_NE(lock("b"), 0u);
}

// spec:04#35
TEST_F(LockTableTest, AnEmptyIdIsAnErrorButForForceRelease) {
  EXPECT_EQ(table_.acquire({"foo", ""}).error().text(), "empty ID is not allowed");
  EXPECT_EQ(table_.release("foo", "").error().text(), "empty ID is not allowed");
  EXPECT_EQ(table_.exists("foo", "").error().text(), "empty ID is not allowed");
  EXPECT_EQ(table_.update_ttl("foo", "", 1s).error().text(), "empty ID is not allowed");
  EXPECT_FALSE(*table_.force_release("foo"));
}

TEST_F(LockTableTest, RefusesANegativeTtlAndEndlessNames) {
  EXPECT_FALSE(table_.acquire({"foo", "a", LockMode::exclusive, -1us}));
  EXPECT_FALSE(table_.update_ttl("foo", "a", -1us));
  const std::string endless(65537, 'x');
  EXPECT_FALSE(table_.acquire({endless, "a"}));
  EXPECT_FALSE(table_.acquire({"foo", endless}));
}

// spec:04#34
TEST_F(LockTableTest, ExistsKnowsOwnersAndAnybody) {
  EXPECT_FALSE(exists("*"));
  lock("a");
  EXPECT_TRUE(exists("*"));
  EXPECT_TRUE(exists("a"));
  EXPECT_FALSE(exists("b"));
  release("a");
  EXPECT_FALSE(exists("*"));
}

// spec:04#31
TEST_F(LockTableTest, ForceReleaseFreesFromEverybodyAndRemembersWhatWasLocked) {
  EXPECT_FALSE(*table_.force_release("foo"));
  read("a");
  read("b");
  EXPECT_TRUE(*table_.force_release("foo"));
  EXPECT_FALSE(exists("*"));
  EXPECT_TRUE(*table_.force_release("foo"));
  EXPECT_NE(lock("c"), 0u);
}

// spec:04#33
TEST_F(LockTableTest, TheOnlyReaderMayWrite) {
  EXPECT_NE(read("x"), 0u);
  EXPECT_NE(lock("x"), 0u);
  EXPECT_EQ(read("y"), 0u);
  EXPECT_EQ(read("x"), 0u) << "no way back without a release";
  EXPECT_TRUE(release("x"));
  EXPECT_NE(lock("y"), 0u);
}

TEST_F(LockTableTest, OneOfSeveralReadersMayNotWrite) {
  read("x");
  read("y");
  EXPECT_EQ(lock("x"), 0u);
  EXPECT_TRUE(exists("x")) << "still a reader";
  release("y");
  EXPECT_NE(lock("x"), 0u);
}

TEST_F(LockTableTest, AReaderThatAsksTwiceHasOneLock) {
  read("a");
  EXPECT_NE(read("a"), 0u);
  EXPECT_TRUE(release("a"));
  EXPECT_NE(lock("w"), 0u);
}

// spec:04#32
TEST_F(LockTableTest, EndsWithItsTtlAlsoWhenNobodyWaits) {
  LockTable table(Logger{}, &moved_now);
  moved = 0s;
  EXPECT_NE(lock("a", 2s, 0s, &table), 0u);
  moved = 1999ms;
  EXPECT_EQ(lock("b", 2s, 0s, &table), 0u);
  moved = 2s;
  EXPECT_FALSE(*table.exists("foo", "a"));
  EXPECT_NE(lock("b", 2s, 0s, &table), 0u);
  EXPECT_FALSE(*table.release("foo", "a"));
}

TEST_F(LockTableTest, ALockOfTheLongestTtlIsOne) {
  EXPECT_NE(lock("a", microseconds::max()), 0u);
  EXPECT_EQ(lock("b"), 0u);
}

// spec:04#30
TEST_F(LockTableTest, UpdateTtlReplacesIt) {
  LockTable table(Logger{}, &moved_now);
  moved = 0s;
  lock("a", 1000s, 0s, &table);
  EXPECT_TRUE(*table.update_ttl("foo", "a", 2s));
  EXPECT_FALSE(*table.update_ttl("foo", "b", 2s));
  EXPECT_FALSE(*table.update_ttl("bar", "a", 2s));
  moved = 2s;
  EXPECT_FALSE(*table.exists("foo", "a"));
  lock("a", 1s, 0s, &table);
  EXPECT_TRUE(*table.update_ttl("foo", "a", 0s));
  moved = 100000s;
  EXPECT_TRUE(*table.exists("foo", "a"));
}

// spec:04#30
TEST_F(LockTableTest, WhoWaitsHearsOfAnEarlierEnd) {
  lock("a");
  auto waits = waiting([this] { return lock("b", 0s, 30s); });
  EXPECT_TRUE(*table_.update_ttl("foo", "a", 20ms));
  EXPECT_NE(waits.get(), 0u);
}

// spec:04#32
TEST_F(LockTableTest, WaitsForARelease) {
  lock("a");
  auto waits = waiting([this] { return lock("b", 0s, 30s); });
  EXPECT_TRUE(release("a"));
  EXPECT_NE(waits.get(), 0u);
  EXPECT_TRUE(exists("b"));
}

// spec:04#31
TEST_F(LockTableTest, AWaitThatRunsOutLeavesNothingBehind) {
  lock("a");
  EXPECT_EQ(lock("b", 0s, 20ms), 0u);
  EXPECT_EQ(read("c", 0s, 20ms), 0u);
  EXPECT_TRUE(release("a"));
  EXPECT_NE(read("c"), 0u);
  EXPECT_FALSE(exists("b"));
}

// spec:04#37
TEST_F(LockTableTest, AWaitingWriterIsNotOvertakenAndGetsTheLock) {
  read("a");
  read("b");
  std::promise<void> started;
  auto writer = waiting([&] {
    started.set_value();
    return lock("w", 0s, 30s);
  });
  started.get_future().wait();
  while (read("c") != 0) release("c");  // until the writer is in the queue
  EXPECT_TRUE(release("a"));
  EXPECT_TRUE(release("b"));
  EXPECT_NE(writer.get(), 0u);
}

TEST_F(LockTableTest, ReadersBehindAWriterThatGivesUpGoOn) {
  read("a");
  auto writer = waiting([this] { return lock("w", 0s, 100ms); });
  while (read("c") != 0) release("c");
  EXPECT_NE(read("c", 0s, 30s), 0u);
  EXPECT_EQ(writer.get(), 0u);
}

TEST_F(LockTableTest, TheOnlyReaderOvertakesAWriterThatWaitsForIt) {
  read("a");
  auto writer = waiting([this] { return lock("w", 0s, 30s); });
  while (read("c") != 0) release("c");
  EXPECT_NE(lock("a"), 0u);
  release("a");
  EXPECT_NE(writer.get(), 0u);
}

TEST_F(LockTableTest, AReaderThatWaitsToWriteOvertakesTheWriterBeforeIt) {
  read("a");
  read("b");
  auto writer = waiting([this] { return lock("w", 0s, 30s); });
  while (read("c") != 0) release("c");
  auto upgrade = waiting([this] { return lock("a", 0s, 30s); });
  // Whether it is in the queue by now or comes later: it is the only reader, and goes first.
  release("b");
  EXPECT_NE(upgrade.get(), 0u);
  release("a");
  EXPECT_NE(writer.get(), 0u);
}

// spec:04#28
TEST_F(LockTableTest, OfFourAtOnceOneWins) {
  std::vector<std::future<LockFence>> calls;
  for (int i = 0; i < 4; ++i) calls.push_back(waiting([this] { return lock("bar", 5s, 100ms); }));
  int won = 0;
  for (auto& call : calls) won += call.get() != 0;
  EXPECT_EQ(won, 1);
}

TEST_F(LockTableTest, FencesGrow) {
  LockFence last = 0;
  for (int i = 0; i < 100; ++i) {
    const LockFence fence = lock("a");
    EXPECT_GT(fence, last);
    last = fence;
    release("a");
  }
  LockTable later{Logger{}};
  EXPECT_GT(lock("a", 0s, 0s, &later), last - 100) << "over restarts, too";
}

TEST_F(LockTableTest, CloseEndsAllWaits) {
  lock("a");
  auto first = waiting([this] { return lock("b", 0s, 1h); });
  auto second = waiting([this] { return read("c", 0s, 1h); });
  table_.close();
  EXPECT_EQ(first.get(), 0u);
  EXPECT_EQ(second.get(), 0u);
  EXPECT_TRUE(release("a"));
}

TEST_F(LockTableTest, LocksNobodyAsksForAgainDoNotStay) {
  LockTable table(Logger{}, &moved_now);
  moved = 0s;
  for (int i = 0; i < 10'000; ++i) {
    moved = i * 1ms;
    ASSERT_TRUE(table.acquire({"job " + std::to_string(i), "a", LockMode::exclusive, 100ms}));
  }
  EXPECT_LT(table.busy_for_test(), 2'000u);
}

// spec:04#36
TEST_F(LockTableTest, ManyCallsOfAllKindsNeverMakeTwoWriters) {
  static constexpr int kResources = 6;
  std::array<std::atomic<int>, kResources> inside{};
  std::atomic<bool> broken = false;
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 random(t);
      for (int i = 0; i < 4000; ++i) {
        const unsigned which = random() % kResources;
        const std::string name = "r" + std::to_string(which);
        const std::string id = std::to_string(t);
        const bool shared = random() % 2 == 0;
        const microseconds wait(random() % 3 * 500);
        const auto fence =
            table_.acquire({name, id, shared ? LockMode::shared : LockMode::exclusive, 0s, wait});
        if (!fence) broken = true;
        if (!fence || *fence == 0) continue;
        const int before = inside[which].fetch_add(shared ? 1 : 1000);
        if (shared ? before >= 1000 : before != 0) broken = true;
        if (random() % 8 == 0 && !*table_.update_ttl(name, id, 10s)) broken = true;
        if (!*table_.exists(name, id)) broken = true;
        inside[which].fetch_sub(shared ? 1 : 1000);
        if (!*table_.release(name, id)) broken = true;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(broken);
  EXPECT_EQ(table_.busy_for_test(), 0u);
}

}  // namespace
}  // namespace rr::lock
