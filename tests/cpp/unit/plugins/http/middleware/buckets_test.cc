// spec:02#59
#include "runtime/plugins/http/middleware/rate_limiter/buckets.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

namespace rr::http::rate_limiter {
namespace {

using namespace std::chrono_literals;
using Outcome = Buckets::Outcome;

TEST(Buckets, AllowABurstAndThenTheRate) {
  Buckets buckets(2, 1s, 3, 100);
  TimePoint now{1h};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(buckets.take("a", now).outcome, Outcome::taken);
  const auto refused = buckets.take("a", now);
  EXPECT_EQ(refused.outcome, Outcome::empty);
  EXPECT_EQ(refused.wait, 500ms);
  EXPECT_EQ(buckets.take("b", now).outcome, Outcome::taken);
  now += 500ms;
  EXPECT_EQ(buckets.take("a", now).outcome, Outcome::taken);
  EXPECT_EQ(buckets.take("a", now).outcome, Outcome::empty);
}

TEST(Buckets, HaveRoomForSoManyKeysUntilTheyAreFullAgain) {
  Buckets buckets(1, 1s, 1, 2);
  TimePoint now{1h};
  EXPECT_EQ(buckets.take("a", now).outcome, Outcome::taken);
  EXPECT_EQ(buckets.take("b", now).outcome, Outcome::taken);
  EXPECT_EQ(buckets.take("c", now).outcome, Outcome::full);
  EXPECT_EQ(buckets.take("a", now).outcome, Outcome::empty);
  now += 61s;
  EXPECT_EQ(buckets.take("c", now).outcome, Outcome::taken);
}

}  // namespace
}  // namespace rr::http::rate_limiter
