#include "runtime/plugins/metrics/collector.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <utility>

#include "runtime/core/thread_number.h"
#include "runtime/plugins/metrics/names.h"

namespace rr::metrics {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxLabelBytes = 16 * 1024;  // of one set of values
constexpr auto kWindow = 10min;                    // of quantiles
constexpr int kAgeBuckets = 5;
constexpr std::array kUsualBuckets{.005, .01, .025, .05, .1, .25, .5, 1., 2.5, 5., 10.};

// The values of labels as one text: each with its length before it.
void append_key(std::string& key, std::string_view value) {
  const auto size = static_cast<std::uint32_t>(value.size());
  char bytes[sizeof size];
  std::memcpy(bytes, &size, sizeof size);
  key.append(bytes, sizeof bytes).append(value);
}

std::string_view take_value(std::string_view& key) {
  std::uint32_t size = 0;
  std::memcpy(&size, key.data(), sizeof size);
  const std::string_view value = key.substr(sizeof size, size);
  key.remove_prefix(sizeof size + size);
  return value;
}

// As Go prints a list of texts.
std::string go_list(Metric::Labels labels) {
  std::string out = "[]string{";
  for (const std::string_view label : labels)
    out.append(out.ends_with('{') ? "\"" : ", \"").append(label).append("\"");
  return out + "}";
}

MetricSpec with_buckets(MetricSpec spec) {
  if (spec.kind != MetricKind::histogram) return spec;
  if (spec.buckets.empty()) spec.buckets.assign(kUsualBuckets.begin(), kUsualBuckets.end());
  if (std::isinf(spec.buckets.back())) spec.buckets.pop_back();  // is there in any case
  return spec;
}

std::vector<std::string> exposed_labels(const MetricSpec& spec) {
  std::vector<std::string> names;
  for (const std::string& label : spec.labels) names.push_back(exposed_label(label));
  return names;
}

// Whether what several threads count can be added up.
bool adds_up(const MetricSpec& spec) {
  return spec.kind == MetricKind::counter || spec.kind == MetricKind::histogram ||
         (spec.kind == MetricKind::summary && spec.objectives.empty());
}

prometheus::MetricType type_of(MetricKind kind) {
  switch (kind) {
    case MetricKind::counter:
      return prometheus::MetricType::Counter;
    case MetricKind::gauge:
      return prometheus::MetricType::Gauge;
    case MetricKind::histogram:
      return prometheus::MetricType::Histogram;
    case MetricKind::summary:
      return prometheus::MetricType::Summary;
  }
  return prometheus::MetricType::Untyped;
}

}  // namespace

Collector::Collector(MetricSpec spec)
    : spec_(with_buckets(std::move(spec))),
      label_names_(exposed_labels(spec_)),
      shard_count_(adds_up(spec_) ? kShards : 1),
      shards_(std::make_unique<Shard[]>(shard_count_)) {
  if (!is_scalar()) return;
  for (std::size_t i = 0; i < shard_count_; ++i) shards_[i].scalar.emplace(fresh());
}

Collector::Series Collector::fresh() const {
  Series series;
  if (spec_.kind == MetricKind::histogram) series.buckets.resize(spec_.buckets.size() + 1);
  if (!spec_.objectives.empty()) {
    prometheus::Summary::Quantiles quantiles;
    for (const auto& [quantile, error] : spec_.objectives) quantiles.push_back({quantile, error});
    series.quantiles = std::make_unique<prometheus::Summary>(quantiles, kWindow, kAgeBuckets);
  }
  return series;
}

// ---------------------------------------------------------------- counting

Result<void> Collector::add(double by, Labels labels) {
  if (spec_.kind != MetricKind::counter && spec_.kind != MetricKind::gauge)
    return Error(Errc::invalid, "", "collector " + spec_.name + " does not support method `Add`");
  if (spec_.kind == MetricKind::counter && !(by >= 0))
    return Error(Errc::invalid, "", "counter cannot decrease in value: " + spec_.name);
  return change(labels, [by](Series& series) { series.value += by; });
}

Result<void> Collector::sub(double by, Labels labels) {
  if (spec_.kind != MetricKind::gauge) return unsupported("`Sub`");
  return change(labels, [by](Series& series) { series.value -= by; });
}

Result<void> Collector::set(double value, Labels labels) {
  if (spec_.kind != MetricKind::gauge) return unsupported("Set");
  return change(labels, [value](Series& series) { series.value = value; });
}

Result<void> Collector::observe(double value, Labels labels) {
  if (spec_.kind != MetricKind::histogram && spec_.kind != MetricKind::summary)
    return unsupported("`Observe`");
  std::size_t bucket = 0;
  if (spec_.kind == MetricKind::histogram) {
    const auto& bounds = spec_.buckets;
    bucket = static_cast<std::size_t>(std::ranges::lower_bound(bounds, value) - bounds.begin());
    if (std::isnan(value)) bucket = bounds.size();
  }
  return change(labels, [value, bucket](Series& series) {
    series.value += value;
    ++series.count;
    if (!series.buckets.empty()) ++series.buckets[bucket];
    if (series.quantiles) series.quantiles->Observe(value);
  });
}

template <class Change>
Result<void> Collector::change(Labels labels, Change&& change) {
  Shard& shard = shards_[shard_count_ == 1 ? 0 : thread_number() % shard_count_];
  if (is_scalar()) {
    std::lock_guard lock(shard.mutex);
    change(*shard.scalar);
    return {};
  }
  if (labels.size() != spec_.labels.size()) return check(labels);
  thread_local std::string key;
  key.clear();
  for (const std::string_view value : labels) append_key(key, value);
  std::lock_guard lock(shard.mutex);
  Series* series = find(shard, key);
  if (series == nullptr) {
    return Error(Errc::invalid, "", "too many, or too long, values of labels: " + spec_.name);
  }
  change(*series);
  return {};
}

// Null: there is no room for another one.
Collector::Series* Collector::find(Shard& shard, std::string_view key) {
  const auto found = shard.series.find(key);
  if (found != shard.series.end()) return &found->second;
  if (shard.series.size() >= kMaxSeries || key.size() > kMaxLabelBytes) return nullptr;
  return &shard.series.emplace(key, fresh()).first->second;
}

// Of a number of labels that is not the declared one.
Result<void> Collector::check(Labels labels) const {
  if (labels.empty()) {
    return Error(Errc::invalid, "",
                 "required labels for collector " +
                     (spec_.kind == MetricKind::gauge ? spec_.name : quoted()));
  }
  return Error(Errc::invalid, "",
               "inconsistent label cardinality: expected " + std::to_string(spec_.labels.size()) +
                   " label values but got " + std::to_string(labels.size()) + " in " +
                   go_list(labels));
}

Error Collector::unsupported(std::string_view method) const {
  return Error(Errc::invalid, "",
               "collector " + quoted() + " does not support method " + std::string(method));
}

// ---------------------------------------------------------------- reading

void Collector::add_up(Series& total, const Series& part) const {
  total.value += part.value;
  total.count += part.count;
  for (std::size_t i = 0; i < part.buckets.size(); ++i) total.buckets[i] += part.buckets[i];
}

prometheus::ClientMetric Collector::shown(const std::string& key, const Series& series) const {
  prometheus::ClientMetric metric;
  std::string_view rest = key;
  for (const std::string& name : label_names_)
    metric.label.push_back({name, std::string(take_value(rest))});
  std::sort(metric.label.begin(), metric.label.end());
  metric.counter.value = metric.gauge.value = series.value;
  metric.summary.sample_count = metric.histogram.sample_count = series.count;
  metric.summary.sample_sum = metric.histogram.sample_sum = series.value;
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < series.buckets.size(); ++i) {
    below += series.buckets[i];
    const double bound =
        i < spec_.buckets.size() ? spec_.buckets[i] : std::numeric_limits<double>::infinity();
    metric.histogram.bucket.push_back({below, bound});
  }
  if (series.quantiles) metric.summary.quantile = series.quantiles->Collect().summary.quantile;
  return metric;
}

prometheus::MetricFamily Collector::collect() const {
  prometheus::MetricFamily family;
  family.name = exposed_name(spec_.full_name());
  family.help = spec_.help;
  family.type = type_of(spec_.kind);
  if (shard_count_ == 1) {  // as it is
    Shard& shard = shards_[0];
    std::lock_guard lock(shard.mutex);
    if (shard.scalar) family.metric.push_back(shown({}, *shard.scalar));
    for (const auto& [key, series] : shard.series) family.metric.push_back(shown(key, series));
  } else {
    std::map<std::string, Series> totals;
    for (std::size_t i = 0; i < shard_count_; ++i) {
      Shard& shard = shards_[i];
      std::lock_guard lock(shard.mutex);
      if (shard.scalar) add_up(totals.try_emplace({}, fresh()).first->second, *shard.scalar);
      for (const auto& [key, series] : shard.series)
        add_up(totals.try_emplace(key, fresh()).first->second, series);
    }
    for (const auto& [key, series] : totals) family.metric.push_back(shown(key, series));
  }
  std::sort(family.metric.begin(), family.metric.end(),
            [](const auto& a, const auto& b) { return a.label < b.label; });
  return family;
}

}  // namespace rr::metrics
