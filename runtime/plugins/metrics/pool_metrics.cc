#include "runtime/plugins/metrics/pool_metrics.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>

#include "rr/worker_hosts.h"

namespace rr::metrics {

namespace {

enum : std::size_t { total, memory, ready, working, invalid, worker_state, worker_memory };

struct Known {
  std::string_view host;
  std::string_view prefix;
  std::string_view title;
};
constexpr Known kKnown[] = {{"http", "rr_http", "HTTP"},
                            {"grpc", "rr_grpc", "gRPC"},
                            {"jobs", "rr_jobs", "Jobs"},
                            {"centrifuge", "rr_centrifugo", "Centrifugo"},
                            {"temporal", "rr_temporal", "Temporal"}};

std::vector<MetricSpec> families_of(std::string_view prefix, std::string_view title) {
  const std::string start = std::string(prefix) + "_";
  const std::string name(title);
  const auto gauge = [&](const char* what, std::string help, std::vector<std::string> labels) {
    return MetricSpec{.name = start + what,
                      .kind = MetricKind::gauge,
                      .help = std::move(help),
                      .labels = std::move(labels)};
  };
  return {
      gauge("total_workers", "Total number of workers used by the " + name + " plugin", {}),
      gauge("workers_memory_bytes", "Memory usage by " + name + " workers.", {}),
      gauge("workers_ready", name + " workers currently in ready state", {}),
      gauge("workers_working", name + " workers currently in working state", {}),
      gauge("workers_invalid",
            name + " workers currently in invalid,killing,destroyed,errored,inactive states", {}),
      gauge("worker_state", "Worker current state", {"state", "pid"}),
      gauge("worker_memory_bytes", "Worker current memory usage", {"pid"})};
}

}  // namespace

std::vector<std::unique_ptr<PoolMetrics>> PoolMetrics::of(const std::vector<WorkerHost*>& hosts) {
  std::vector<std::unique_ptr<PoolMetrics>> all;
  for (const Known& known : kKnown) {
    std::vector<WorkerHost*> pools;
    for (WorkerHost* host : hosts) {
      if (host->host_name() == known.host) pools.push_back(host);
    }
    if (!pools.empty())
      all.push_back(std::make_unique<PoolMetrics>(known.prefix, known.title, std::move(pools)));
  }
  return all;
}

PoolMetrics::PoolMetrics(std::string_view prefix, std::string_view title,
                         std::vector<WorkerHost*> hosts)
    : families_(families_of(prefix, title)), hosts_(std::move(hosts)) {}

void PoolMetrics::collect(MetricsSink& sink) const {
  std::uint64_t all = 0, bytes = 0, idle = 0, busy = 0;
  std::vector<std::shared_ptr<Pool>> pools;
  for (WorkerHost* host : hosts_) std::ranges::move(pools_of(*host), std::back_inserter(pools));
  for (const auto& pool : pools) {
    for (const WorkerInfo& worker : pool->workers()) {
      const std::string pid = std::to_string(worker.pid);
      ++all;
      bytes += worker.memory_bytes;
      if (worker.state == WorkerState::ready) ++idle;
      if (worker.state == WorkerState::working) ++busy;
      if (worker.pid == 0) continue;  // not started yet
      sink.put(worker_state, 0, std::array<std::string_view, 2>{to_string(worker.state), pid});
      sink.put(worker_memory, static_cast<double>(worker.memory_bytes),
               std::array<std::string_view, 1>{pid});
    }
  }
  sink.put(total, static_cast<double>(all));
  sink.put(memory, static_cast<double>(bytes));
  sink.put(ready, static_cast<double>(idle));
  sink.put(working, static_cast<double>(busy));
  sink.put(invalid, static_cast<double>(all - idle - busy));
}

}  // namespace rr::metrics
