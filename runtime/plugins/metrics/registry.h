// All collectors by name, and what the server's own parts know.
#pragma once

#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include <prometheus/metric_family.h>

#include "rr/metrics.h"
#include "runtime/plugins/metrics/collector.h"

namespace rr::metrics {

// Thread-safe.
class Registry final : public Metrics {
 public:
  static constexpr std::size_t kMaxCollectors = 10'000;

  Result<Declared> declare(MetricSpec spec) override;
  Result<Pointer> declare_own(MetricSpec spec) override;
  Pointer find(std::string_view name) const override;
  bool remove(std::string_view name) override;

  // Before anybody reads. Errors: one of its names is taken. It outlives this.
  Result<void> add_source(const MetricsSource& source);

  // By name. May block for as long as the sources do.
  std::vector<prometheus::MetricFamily> collect() const;

 private:
  using Shared = std::shared_ptr<Collector>;  // also whoever counts with it

  // Notes the full name as taken.
  Result<void> take_name(const MetricSpec& spec);

  mutable std::shared_mutex mutex_;  // guards all that follows
  std::map<std::string, Shared, std::less<>> declared_;
  std::vector<Shared> own_;
  std::vector<const MetricsSource*> sources_;
  // Full names, as exposed, with what tells one collector from another of that name.
  struct Named {
    std::string help;
    std::vector<std::string> labels;
  };
  std::map<std::string, Named> names_;
};

}  // namespace rr::metrics
