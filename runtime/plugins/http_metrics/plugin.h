// The middleware `http_metrics` (spec 02 §4.7): requests by status, how long they take, how many
// are in work. What it counts outlives reloads. Without the section `metrics` it is left out.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "rr/http_middleware.h"
#include "rr/metrics.h"
#include "rr/plugin.h"
#include "runtime/core/per_thread_count.h"

namespace rr::http_metrics {

// What all its middleware counts. Thread-safe.
struct Counts {
  Metrics::Pointer requests;   // by status
  Metrics::Pointer durations;  // by status, seconds
  PerThreadCount in_work;
  PerThreadCount no_free_workers;
};

class HttpMetricsPlugin final : public Plugin,
                                private HttpMiddlewareFactory,
                                private MetricsSource {
 public:
  HttpMetricsPlugin();
  void init(Context& context) override;
  Result<void> serve() override { return {}; }
  void stop(TimePoint) override {}

 private:
  std::string_view middleware_name() const override { return "http_metrics"; }
  std::unique_ptr<HttpMiddleware> make_middleware(Context& context) override;

  std::span<const MetricSpec> families() const override { return families_; }
  void collect(MetricsSink& sink) const override;

  const std::vector<MetricSpec> families_;
  const TimePoint started_ = Clock::now();
  Counts counts_;
};

}  // namespace rr::http_metrics
