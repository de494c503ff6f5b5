// How long exchanges take: the buckets, and that nobody counts when nobody looks.
#include "runtime/pool/timing.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace rr::pool {
namespace {

using namespace std::chrono_literals;

class Plain final : public Exchange {
 public:
  Result<void> encode(WireRequest&) override { return {}; }
  bool answer(const WireAnswer&) override { return false; }

 private:
  void answer_error(const Error&) override {}
};

std::uint64_t total(const Timings::Histogram& histogram) {
  std::uint64_t sum = 0;
  for (const Timings::Bucket& each : histogram) sum += each.count;
  return sum;
}

TEST(Timing, EveryTimeIsInTheFirstBucketThatReachesToIt) {
  for (std::uint64_t us = 0; us < 100'000; ++us) {
    const std::size_t bucket = Timing::bucket_of(us);
    ASSERT_GE(Timing::up_to(bucket), us);
    if (bucket > 0) ASSERT_LT(Timing::up_to(bucket - 1), us);
    ASSERT_LE(Timing::up_to(bucket), us + us / 8);
  }
  for (std::size_t bucket = 1; bucket < Timing::kBuckets; ++bucket) {
    ASSERT_EQ(Timing::bucket_of(Timing::up_to(bucket)), bucket);
    ASSERT_GT(Timing::up_to(bucket), Timing::up_to(bucket - 1));
  }
  EXPECT_EQ(Timing::bucket_of(~std::uint64_t{0}), Timing::kBuckets - 1);
}

TEST(Timing, CountsOnlyForAWhileAfterALook) {
  Timing timing;
  ExchangePtr exchange(new Plain);
  const TimePoint begin = Clock::now();
  EXPECT_FALSE(timing.watched());
  timing.over(*exchange, begin, begin + 1ms);
  EXPECT_EQ(total(timing.read(begin).ran), 0u);

  EXPECT_TRUE(timing.watched());
  timing.over(*exchange, begin, begin + 1ms);
  timing.over(*exchange, begin, begin + Pool::kTimed);
  EXPECT_EQ(total(timing.read(begin).ran), 2u);
  EXPECT_TRUE(timing.read(begin).waited.empty());  // no HTTP request

  timing.over(*exchange, begin, begin + Pool::kTimed + 1ms);
  EXPECT_FALSE(timing.watched());
  EXPECT_EQ(total(timing.read(begin).ran), 2u);
  EXPECT_TRUE(timing.watched());
}

TEST(Timing, ManyThreadsLoseNothing) {
  Timing timing;
  (void)timing.read();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&timing] {
      ExchangePtr exchange(new Plain);
      for (int n = 0; n < 10'000; ++n) timing.over(*exchange, Clock::now());
    });
  }
  for (int n = 0; n < 100; ++n) (void)timing.read();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(total(timing.read().ran), 40'000u);
}

}  // namespace
}  // namespace rr::pool
