// The dynamic allocator against a clock and a crew that the test plays.
#include "runtime/pool/allocator.h"

#include <deque>

#include <gtest/gtest.h>

namespace rr::pool {
namespace {

using namespace std::chrono_literals;

class Scaling : public testing::Test, private Allocator::Scaler {
 protected:
  void grow(Crew::Done done) override { coming.push_back(std::move(done)); }
  void shrink(Crew::Done done) override { leaving.push_back(std::move(done)); }
  static void answer(std::deque<Crew::Done>& waiting, const Result<void>& result) {
    while (!waiting.empty()) {
      const Crew::Done done = std::move(waiting.front());
      waiting.pop_front();
      done(result);
    }
  }

  DynamicAllocatorConfig config{.max_workers = 5, .spawn_rate = 2, .idle_timeout = 10s};
  std::deque<Crew::Done> coming;
  std::deque<Crew::Done> leaving;
  const TimePoint start = Clock::now();
  const TimePoint never{};
  std::optional<Allocator> allocator_;

  Allocator& allocator() {
    if (!allocator_) allocator_.emplace(config, static_cast<Allocator::Scaler&>(*this), Logger());
    return *allocator_;
  }
  // The allocator reads the clock itself when a worker has come: what follows is well behind that.
  TimePoint later(Duration after) const { return start + 1min + after; }
};

// spec:01#28
TEST_F(Scaling, AStarvedExchangeGetsABatchAndWaitsForIt) {
  EXPECT_TRUE(allocator().starved(start, never));
  EXPECT_TRUE(allocator().starved(start, never)) << "the batch is on its way";
  EXPECT_EQ(allocator().tick(start), start + 10s);
  EXPECT_EQ(coming.size(), 2u);
  allocator().tick(start + 1s);
  EXPECT_EQ(coming.size(), 2u) << "one batch for all who starve meanwhile";
}

TEST_F(Scaling, BatchesEndAtMaxWorkers) {
  std::size_t all = 0;
  for (int batch = 0; batch < 4; ++batch) {
    EXPECT_TRUE(allocator().starved(later(batch * 1min), never));
    allocator().tick(later(batch * 1min));
    all += coming.size();
    answer(coming, {});
  }
  EXPECT_EQ(all, 5u);
  // Another worker may become free: once. Then it is told why not.
  EXPECT_TRUE(allocator().starved(later(5min), never));
  EXPECT_FALSE(allocator().starved(later(5min), later(4min)));
  EXPECT_EQ(allocator().refusal().code, Errc::no_free_workers);
  EXPECT_EQ(allocator().refusal().message,
            "can't allocate more workers, increase max_workers option (max_workers limit is 100)");
}

TEST_F(Scaling, ASecondLiesBetweenTwoBatches) {
  allocator().starved(start, never);
  allocator().tick(start);
  answer(coming, {});
  EXPECT_TRUE(allocator().starved(Clock::now(), never)) << "it waits for its turn";
  allocator().tick(Clock::now());
  EXPECT_TRUE(coming.empty());
}

TEST_F(Scaling, AFailureIsToldToThoseWhoWaitedForIt) {
  allocator().starved(start, never);
  allocator().tick(start);
  answer(coming, Error(Errc::worker_allocate, "", "no such program"));
  EXPECT_FALSE(allocator().starved(later(0s), start));
  EXPECT_EQ(allocator().refusal().message, "no such program");
  EXPECT_TRUE(allocator().starved(later(0s), never)) << "a new one starts a new attempt";
  allocator().tick(later(0s));
  EXPECT_EQ(coming.size(), 2u);
}

// spec:01#28
TEST_F(Scaling, WhenItIsCalmTheAdditionalOnesGoInBatches) {
  allocator().starved(start, never);
  allocator().tick(start);
  answer(coming, {});
  allocator().starved(later(0s), never);
  allocator().tick(later(0s));
  answer(coming, {});  // four
  allocator().tick(later(9s));
  EXPECT_TRUE(leaving.empty());
  allocator().tick(later(10s));
  EXPECT_EQ(leaving.size(), 2u);
  answer(leaving, {});
  EXPECT_EQ(allocator().tick(later(11s)), later(20s));
  EXPECT_TRUE(leaving.empty());
  allocator().tick(later(20s));
  EXPECT_EQ(leaving.size(), 2u);
  answer(leaving, {});
  EXPECT_EQ(allocator().tick(later(30s)), TimePoint::max()) << "nothing is left to look after";
}

TEST_F(Scaling, WhoStarvesPutsTheEndOff) {
  allocator().starved(start, never);
  allocator().tick(start);
  answer(coming, {});
  allocator().starved(later(0s), never);
  allocator().tick(later(0s));
  answer(coming, {});
  allocator().starved(later(8s), never);
  allocator().tick(later(8s));
  answer(coming, {});
  EXPECT_EQ(allocator().tick(later(10s)), later(18s));
  EXPECT_TRUE(leaving.empty());
}

TEST_F(Scaling, OneThatNobodyIsIdleForIsTriedAgain) {
  config.spawn_rate = 1;
  allocator().starved(start, never);
  allocator().tick(start);
  answer(coming, {});
  allocator().tick(later(0s));
  EXPECT_EQ(leaving.size(), 1u);
  answer(leaving, Error(Errc::no_free_workers, "", "no worker is idle"));
  allocator().tick(later(10s));
  EXPECT_EQ(leaving.size(), 1u);
}

}  // namespace
}  // namespace rr::pool
