// The workers of each plugin: RoadRunner's `rr_http_total_workers` and its like (spec 04 §4.3).
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "rr/metrics.h"
#include "rr/plugin.h"

namespace rr::metrics {

// Of all pools of one plugin together.
class PoolMetrics final : public MetricsSource {
 public:
  // Of the plugins that have such metrics.
  static std::vector<std::unique_ptr<PoolMetrics>> of(const std::vector<WorkerHost*>& hosts);

  // `prefix`: "rr_http", `title`: as it is called in help texts.
  PoolMetrics(std::string_view prefix, std::string_view title, std::vector<WorkerHost*> hosts);
  std::span<const MetricSpec> families() const override { return families_; }
  void collect(MetricsSink& sink) const override;

 private:
  const std::vector<MetricSpec> families_;
  const std::vector<WorkerHost*> hosts_;
};

}  // namespace rr::metrics
