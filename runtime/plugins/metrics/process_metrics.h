// What the kernel says of this process: Prometheus' usual `process_*`.
#pragma once

#include <vector>

#include "rr/metrics.h"

namespace rr::metrics {

class ProcessMetrics final : public MetricsSource {
 public:
  ProcessMetrics();
  std::span<const MetricSpec> families() const override { return families_; }
  void collect(MetricsSink& sink) const override;

 private:
  const std::vector<MetricSpec> families_;
};

}  // namespace rr::metrics
