#include "runtime/core/task_group.h"

#include <atomic>
#include <memory>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include "runtime/core/control.h"

namespace rr {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

struct Counter {
  std::atomic<int>& alive;
  explicit Counter(std::atomic<int>& counted) : alive(counted) { ++alive; }
  Counter(const Counter& other) : alive(other.alive) { ++alive; }
  ~Counter() { --alive; }
};

Task<void> wait_for_ever(Counter) {
  asio::steady_timer timer(co_await asio::this_coro::executor,
                           asio::steady_timer::time_point::max());
  co_await timer.async_wait(asio::use_awaitable);
}

Task<void> nothing(Counter) {
  co_return;
}

Task<void> pause(Counter, Clock::duration time) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  co_await timer.async_wait(asio::use_awaitable);
}

class TaskGroupTest : public testing::Test {
 protected:
  TaskGroupTest() { control_.start(); }
  std::atomic<int> alive_ = 0;
  Control control_;
};

TEST_F(TaskGroupTest, CancelEndsWaitingTasksAndJoinWaitsForThem) {
  TaskGroup group(control_.io().get_executor());
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(group.spawn(wait_for_ever(Counter(alive_))));
  EXPECT_FALSE(group.join(Clock::now() + 10ms));
  EXPECT_EQ(alive_, 100);
  group.cancel();
  EXPECT_TRUE(group.join(Clock::now() + 30s));
  EXPECT_EQ(alive_, 0);
  EXPECT_EQ(group.size(), 0u);
}

TEST_F(TaskGroupTest, JoinLetsTasksEndByThemselves) {
  TaskGroup group(control_.io().get_executor());
  group.spawn(pause(Counter(alive_), 20ms));
  group.spawn(nothing(Counter(alive_)));
  EXPECT_TRUE(group.join(Clock::now() + 30s));
  EXPECT_EQ(alive_, 0);
}

TEST_F(TaskGroupTest, AClosedGroupDropsTasks) {
  TaskGroup group(control_.io().get_executor());
  group.close();
  EXPECT_FALSE(group.spawn(wait_for_ever(Counter(alive_))));
  EXPECT_EQ(alive_, 0);
  EXPECT_TRUE(group.join(Clock::now()));
}

TEST_F(TaskGroupTest, SpawningRacesWithCancelling) {
  for (int round = 0; round < 200; ++round) {
    TaskGroup group(control_.io().get_executor());
    std::thread spawner([&] {
      while (group.spawn(wait_for_ever(Counter(alive_)))) {
      }
    });
    group.cancel();
    spawner.join();
    ASSERT_TRUE(group.join(Clock::now() + 30s));
    ASSERT_EQ(alive_, 0);
  }
}

TEST(TaskGroup, TasksMayOutliveTheGroupAndTheControlPlane) {
  std::atomic<int> alive = 0;
  {
    Control control;
    control.start();
    {
      TaskGroup group(control.io().get_executor());
      group.spawn(wait_for_ever(Counter(alive)));
      group.spawn(wait_for_ever(Counter(alive)));
    }
    control.stop();
  }
  EXPECT_EQ(alive, 0);
}

}  // namespace
}  // namespace rr
