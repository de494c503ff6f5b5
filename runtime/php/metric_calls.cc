// Metrics for scripts on this process' threads: the collectors themselves.
#include <array>
#include <cmath>
#include <memory>
#include <span>
#include <vector>

#include "runtime/php/services.h"

// A collector that somebody counts with; it counts on, unseen, once it was removed.
struct rr_metric {
  rr::Metrics::Pointer metric;
};

namespace rr::php {

namespace {

MetricKind kind_of(int kind) {
  switch (kind) {
    case RR_METRIC_GAUGE:
      return MetricKind::gauge;
    case RR_METRIC_HISTOGRAM:
      return MetricKind::histogram;
    case RR_METRIC_SUMMARY:
      return MetricKind::summary;
    default:
      return MetricKind::counter;
  }
}

MetricSpec spec_of(const rr_metric_spec& spec) {
  MetricSpec out{.name = std::string(view_of(spec.name)), .kind = kind_of(spec.kind)};
  out.space = view_of(spec.space);
  out.subsystem = view_of(spec.subsystem);
  out.help = view_of(spec.help);
  for (size_t i = 0; i < spec.label_count; ++i) out.labels.emplace_back(view_of(spec.labels[i]));
  out.buckets.assign(spec.buckets, spec.buckets + spec.bucket_count);
  for (size_t i = 0; i < spec.objective_count; ++i)
    out.objectives[spec.objectives[2 * i]] = spec.objectives[2 * i + 1];
  return out;
}

// What `wanted` has and `there` has not, for a message; null: they are the same to those who count.
const char* difference(const MetricSpec& wanted, const MetricSpec& there) {
  if (wanted.kind != there.kind) return "type";
  if (wanted.space != there.space) return "namespace";
  if (wanted.subsystem != there.subsystem) return "subsystem";
  if (wanted.labels != there.labels) return "labels";
  if (!wanted.buckets.empty() && wanted.buckets != there.buckets) {
    // The last one is there in any case, and no longer among them.
    const std::span most(wanted.buckets.data(), wanted.buckets.size() - 1);
    const bool same = std::isinf(wanted.buckets.back()) && most.size() == there.buckets.size() &&
                      std::equal(most.begin(), most.end(), there.buckets.begin());
    if (!same) return "buckets";
  }
  if (!wanted.objectives.empty() && wanted.objectives != there.objectives) return "objectives";
  return nullptr;
}

// Labels in the form that collectors take, without memory for as many as there are in practice.
class Values {
 public:
  Values(const rr_text* labels, size_t count) {
    if (count > few_.size()) many_.resize(count);
    all_ = {count > few_.size() ? many_.data() : few_.data(), count};
    for (size_t i = 0; i < count; ++i) all_[i] = view_of(labels[i]);
  }
  Values(const Values&) = delete;
  Values& operator=(const Values&) = delete;
  operator Metric::Labels() const { return all_; }

 private:
  std::array<std::string_view, 8> few_;
  std::vector<std::string_view> many_;
  std::span<std::string_view> all_;
};

int outcome(Result<void> done, std::string_view op, rr_text* error) {
  return done ? int{RR_OK} : refused(std::move(done).error().in(op), error);
}

template <class Call>
int change(rr_metric* metric, std::string_view op, const rr_text* labels, size_t count,
           rr_text* error, Call call) noexcept {
  return guarded(error, [&] {
    if (count == 0) return outcome(call(*metric->metric, Metric::Labels()), op, error);
    return outcome(call(*metric->metric, Values(labels, count)), op, error);
  });
}

}  // namespace

namespace metric_calls {

int declare(void*, const rr_metric_spec* spec, rr_metric** metric, rr_text* error) noexcept {
  Metrics* metrics = offered().metrics;
  if (metrics == nullptr) return no_service("metrics.Declare", "metrics", error);
  return guarded(error, [&]() -> int {
    const MetricSpec wanted = spec_of(*spec);
    auto declared = metrics->declare(wanted);
    if (!declared) return refused(Error(declared.error()).in("metrics_plugin_declare"), error);
    if (!declared->is_new) {
      if (const char* what = difference(wanted, declared->metric->spec())) {
        *error = keep_text("the collector \"" + wanted.name +
                           "\" was declared with another shape: " + what);
        return RR_INVALID;
      }
    }
    *metric = new rr_metric{std::move(declared->metric)};
    return RR_OK;
  });
}

void release(rr_metric* metric) noexcept {
  delete metric;
}

int add(rr_metric* metric, double by, const rr_text* labels, size_t count,
        rr_text* error) noexcept {
  return change(metric, "metrics_plugin_add", labels, count, error,
                [by](Metric& to, Metric::Labels values) { return to.add(by, values); });
}

int set(rr_metric* metric, double value, const rr_text* labels, size_t count,
        rr_text* error) noexcept {
  return change(metric, "metrics_plugin_set", labels, count, error,
                [value](Metric& to, Metric::Labels values) { return to.set(value, values); });
}

int observe(rr_metric* metric, double value, const rr_text* labels, size_t count,
            rr_text* error) noexcept {
  return change(metric, "metrics_plugin_observe", labels, count, error,
                [value](Metric& to, Metric::Labels values) { return to.observe(value, values); });
}

}  // namespace metric_calls

}  // namespace rr::php
