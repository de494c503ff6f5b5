// What the server's own parts know.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/plugins/metrics/pool_metrics.h"
#include "runtime/plugins/metrics/process_metrics.h"
#include "tests/cpp/unit/plugins/metrics/text.h"

namespace rr::metrics {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::StartsWith;

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
  PoolCounts counts() const override { return {}; }
  std::vector<WorkerStack> stacks(std::int64_t, TimePoint) override { return {}; }
  Timings timings() override { return {}; }
  std::vector<WorkerInfo> all;
};

class FakeHost final : public WorkerHost {
 public:
  explicit FakeHost(std::string name) : name_(std::move(name)) {}
  std::string_view host_name() const override { return name_; }
  Pool& pool() override { return workers; }
  FakePool workers;

 private:
  const std::string name_;
};

// spec:04#55
TEST(PoolMetrics, ShowTheWorkersOfAllPoolsOfAPlugin) {
  FakeHost http("http"), more("http"), tcp("tcp");
  http.workers.all = {{.pid = 7, .state = WorkerState::ready, .memory_bytes = 100},
                      {.pid = 8, .state = WorkerState::working, .memory_bytes = 50},
                      {.pid = 0, .state = WorkerState::inactive}};
  more.workers.all = {{.pid = 9, .state = WorkerState::errored, .memory_bytes = 1}};
  Registry registry;
  const auto sources = PoolMetrics::of({&http, &tcp, &more});
  ASSERT_EQ(sources.size(), 1u);
  ASSERT_TRUE(registry.add_source(*sources.front()));
  EXPECT_THAT(lines_of(registry.collect()),
              ElementsAre("rr_http_total_workers 4", "rr_http_worker_memory_bytes{pid=\"7\"} 100",
                          "rr_http_worker_memory_bytes{pid=\"8\"} 50",
                          "rr_http_worker_memory_bytes{pid=\"9\"} 1",
                          "rr_http_worker_state{pid=\"7\",state=\"ready\"} 0",
                          "rr_http_worker_state{pid=\"8\",state=\"working\"} 0",
                          "rr_http_worker_state{pid=\"9\",state=\"errored\"} 0",
                          "rr_http_workers_invalid 2", "rr_http_workers_memory_bytes 151",
                          "rr_http_workers_ready 1", "rr_http_workers_working 1"));
  EXPECT_THAT(lines_of(registry.collect(), Comments::yes),
              Contains("# HELP rr_http_total_workers Total number of workers used by the HTTP "
                       "plugin"));
}

TEST(PoolMetrics, CentrifugeIsCalledCentrifugo) {
  FakeHost host("centrifuge");
  const auto sources = PoolMetrics::of({&host});
  ASSERT_EQ(sources.size(), 1u);
  EXPECT_EQ(sources.front()->families().front().name, "rr_centrifugo_total_workers");
}

TEST(ProcessMetrics, AreThoseOfThisProcess) {
  Registry registry;
  const ProcessMetrics process;
  ASSERT_TRUE(registry.add_source(process));
  std::map<std::string, double> values;
  for (const std::string& line : lines_of(registry.collect())) {
    const auto blank = line.find(' ');
    values[line.substr(0, blank)] = std::stod(line.substr(blank));
  }
  EXPECT_EQ(values.size(), 7u);
  EXPECT_GT(values["process_resident_memory_bytes"], 1e6);
  EXPECT_GT(values["process_virtual_memory_bytes"], values["process_resident_memory_bytes"]);
  EXPECT_GE(values["process_open_fds"], 3);
  EXPECT_GT(values["process_max_fds"], values["process_open_fds"]);
  const double now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_NEAR(values["process_start_time_seconds"], now, 3600);
  // A name that the server has is nobody else's.
  EXPECT_FALSE(registry.declare({.name = "process_open_fds", .kind = MetricKind::gauge}));
}

}  // namespace
}  // namespace rr::metrics
