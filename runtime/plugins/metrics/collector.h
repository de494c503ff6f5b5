// One collector: its values by labels, kept by thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <prometheus/metric_family.h>
#include <prometheus/summary.h>

#include "rr/metrics.h"

namespace rr::metrics {

// Thread-safe. A counter, a histogram and a summary without objectives have kShards places, each
// for the threads whose number falls on it: with fewer threads than that nobody shares one, and
// taking its mutex costs no cache line of others. What they add up to is worked out by collect(). A
// gauge can be set, so it has one place; so has a summary with objectives, whose quantiles do not
// add up.
class Collector final : public Metric {
 public:
  explicit Collector(MetricSpec spec);

  const MetricSpec& spec() const override { return spec_; }
  Result<void> add(double by, Labels labels = {}) override;
  Result<void> sub(double by, Labels labels = {}) override;
  Result<void> set(double value, Labels labels = {}) override;
  Result<void> observe(double value, Labels labels = {}) override;

  // Series in order of their labels; with scalar collectors one, with others those that were used.
  prometheus::MetricFamily collect() const;

 private:
  static constexpr std::size_t kShards = 32;

  // The values under one set of labels in one place.
  struct Series {
    double value = 0;         // the sum of what was observed
    std::uint64_t count = 0;  // of observations
    std::vector<std::uint64_t> buckets;
    std::unique_ptr<prometheus::Summary> quantiles;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const {
      return std::hash<std::string_view>{}(key);
    }
  };
  using ByLabels = std::unordered_map<std::string, Series, Hash, std::equal_to<>>;
  struct alignas(64) Shard {
    std::mutex mutex;  // guards the two below
    std::optional<Series> scalar;
    ByLabels series;
  };

  template <class Change>
  Result<void> change(Labels labels, Change&& change);
  Series* find(Shard& shard, std::string_view key);
  Series fresh() const;
  void add_up(Series& total, const Series& part) const;
  prometheus::ClientMetric shown(const std::string& key, const Series& series) const;
  Result<void> check(Labels labels) const;
  Error unsupported(std::string_view method) const;
  std::string quoted() const { return "`" + spec_.name + "`"; }

  const MetricSpec spec_;
  std::vector<std::string> label_names_;  // as exposed
  const std::size_t shard_count_;
  const std::unique_ptr<Shard[]> shards_;
};

}  // namespace rr::metrics
