// The picture of pools that are told what to say.
#include "runtime/plugins/inside/picture.h"

#include <gtest/gtest.h>

namespace rr::inside {
namespace {

class FakePool final : public Pool {
 public:
  Result<void> start() override { return {}; }
  void stop(TimePoint) override {}
  void retire(TimePoint) override {}
  void submit(ExchangePtr) override {}
  Result<void> reset() override { return {}; }
  Result<void> add_worker() override { return {}; }
  Result<void> remove_worker() override { return {}; }
  std::vector<WorkerInfo> workers() const override { return all; }
  PoolCounts counts() const override {
    return {.executions = 12, .workers = 2, .wanted = 2, .waiting = 3, .abandoned = 1};
  }
  std::vector<WorkerStack> stacks(std::int64_t, TimePoint) override { return {}; }
  Timings timings() override { return {.ran = {{100, 5}, {2000, 1}}, .waited = {}}; }

  std::vector<WorkerInfo> all;
};

class FakeHost final : public WorkerHost {
 public:
  std::string_view host_name() const override { return "http"; }
  Pool& pool() override { return workers; }
  FakePool workers;
};

TEST(Picture, HasPoolsWorkersAndWhatTheyRun) {
  FakeHost host;
  WorkerInfo busy{.pid = 4, .state = WorkerState::working, .memory_bytes = 100};
  busy.running = RunningExchange{"GET", "/a", Clock::now()};
  host.workers.all = {busy, {.pid = 5, .state = WorkerState::ready, .memory_bytes = 50}};
  RecentErrors errors;
  errors.add({"http", "EventExecTTL", "too long"}, std::chrono::system_clock::now());
  const RpcValue picture = picture_of({&host}, errors, std::chrono::system_clock::now());
  const RpcValue& pool = picture["pools"][0];
  EXPECT_EQ(pool["name"], "http");
  EXPECT_EQ(pool["working"], 1);
  EXPECT_EQ(pool["ready"], 1);
  EXPECT_EQ(pool["waiting"], 3);
  EXPECT_EQ(pool["abandoned"], 1);
  EXPECT_EQ(pool["executions"], 12);
  EXPECT_EQ(pool["memory_bytes"], 150);
  EXPECT_EQ(pool["ran_us"], RpcValue::parse("[[100,5],[2000,1]]"));
  EXPECT_EQ(pool["workers"][0]["running"]["path"], "/a");
  EXPECT_TRUE(pool["workers"][1]["running"].is_null());
  EXPECT_EQ(picture["errors"][0]["message"], "too long");
  EXPECT_GT(picture["server"]["memory_bytes"], 0);
}

TEST(Picture, IsBounded) {
  FakeHost host;
  host.workers.all.resize(kMaxWorkers + 10);
  const RpcValue picture = picture_of({&host}, {}, std::chrono::system_clock::now());
  EXPECT_EQ(picture["pools"][0]["workers"].size(), kMaxWorkers);
  EXPECT_EQ(picture["pools"][0]["workers_total"], kMaxWorkers + 10);
}

}  // namespace
}  // namespace rr::inside
