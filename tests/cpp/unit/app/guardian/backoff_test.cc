#include "runtime/app/guardian/backoff.h"

#include <gtest/gtest.h>

namespace rr::app::guardian {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, DoublesFromTheSecondDeathOnUpToItsLimit) {
  Backoff backoff;
  EXPECT_EQ(backoff.next(1s), 0s);
  EXPECT_EQ(backoff.next(1s), 100ms);
  EXPECT_EQ(backoff.next(0s), 200ms);
  for (int i = 0; i < 10; ++i) backoff.next(0s);
  EXPECT_EQ(backoff.next(59s), 5s);
}

TEST(Backoff, BeginsAnewAfterAMinuteOfService) {
  Backoff backoff;
  for (int i = 0; i < 10; ++i) backoff.next(0s);
  EXPECT_EQ(backoff.next(60s), 0s);
  EXPECT_EQ(backoff.next(1s), 100ms);
}

}  // namespace
}  // namespace rr::app::guardian
