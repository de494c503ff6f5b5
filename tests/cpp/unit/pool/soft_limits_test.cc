#include "runtime/pool/soft_limits.h"

#include <gtest/gtest.h>

namespace rr::pool {
namespace {

using namespace std::chrono_literals;

const TimePoint kNow = TimePoint(1h);

WorkerState reached(const SoftLimits& limits, const WorkerUse& use, std::uint64_t memory = 0) {
  return limit_reached(limits, use, kNow, [memory] { return memory; });
}

// spec:01#40
TEST(SoftLimits, AgeCountsFromTheStartOfTheWorkerBusyOrNot) {
  const SoftLimits limits{.ttl = 10s};
  EXPECT_EQ(reached(limits, {.state = WorkerState::ready, .began = kNow - 9s}),
            WorkerState::inactive);
  for (const auto state : {WorkerState::ready, WorkerState::working}) {
    EXPECT_EQ(reached(limits, {.state = state, .began = kNow - 10s}), WorkerState::ttl_reached);
  }
}

// spec:01#40
TEST(SoftLimits, IdlenessIsInWholeSecondsAndNeedsAJobBefore) {
  const SoftLimits limits{.idle_ttl = 2s};
  WorkerUse use{.state = WorkerState::ready, .began = kNow - 1min};
  EXPECT_EQ(reached(limits, use), WorkerState::inactive) << "it never had a job";
  use.last_used = kNow - 1999ms;
  EXPECT_EQ(reached(limits, use), WorkerState::inactive);
  use.last_used = kNow - 2s;
  EXPECT_EQ(reached(limits, use), WorkerState::idle_ttl_reached);
  use.state = WorkerState::working;
  EXPECT_EQ(reached(limits, use), WorkerState::inactive);
}

TEST(SoftLimits, IdlenessUnderASecondIsReachedAtOnce) {
  EXPECT_EQ(reached({.idle_ttl = 500ms}, {.state = WorkerState::ready, .last_used = kNow}),
            WorkerState::idle_ttl_reached);
}

// spec:01#40
TEST(SoftLimits, MemoryIsOverWhenItIsReached) {
  const SoftLimits limits{.memory_bytes = 100};
  EXPECT_EQ(reached(limits, {.state = WorkerState::working}, 99), WorkerState::inactive);
  EXPECT_EQ(reached(limits, {.state = WorkerState::working}, 100), WorkerState::max_memory_reached);
}

TEST(SoftLimits, WorkersOnTheirWayOutAreLeftAlone) {
  for (const auto state : {WorkerState::inactive, WorkerState::invalid, WorkerState::stopping,
                           WorkerState::ttl_reached, WorkerState::max_jobs_reached}) {
    EXPECT_EQ(reached({.ttl = 1s}, {.state = state}), WorkerState::inactive);
  }
}

TEST(SoftLimits, WithoutALimitNobodyNeedsToLook) {
  EXPECT_FALSE(SoftLimits{}.any());
  EXPECT_TRUE((SoftLimits{.ttl = 1s}).any());
  EXPECT_TRUE((SoftLimits{.idle_ttl = 1s}).any());
  EXPECT_TRUE((SoftLimits{.memory_bytes = 1}).any());
}

}  // namespace
}  // namespace rr::pool
