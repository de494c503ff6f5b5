#include "runtime/plugins/metrics/registry.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "runtime/plugins/metrics/names.h"

namespace rr::metrics {

namespace {

// Puts a source's values into families.
class Sink final : public MetricsSink {
 public:
  explicit Sink(std::span<const MetricSpec> specs) : specs_(specs), families_(specs.size()) {
    for (std::size_t i = 0; i < specs.size(); ++i) {
      families_[i].name = exposed_name(specs[i].full_name());
      families_[i].help = specs[i].help;
      families_[i].type = specs[i].kind == MetricKind::counter ? prometheus::MetricType::Counter
                                                               : prometheus::MetricType::Gauge;
    }
  }

  void put(std::size_t family, double value, Labels labels) override {
    prometheus::ClientMetric& metric = families_[family].metric.emplace_back();
    const auto& names = specs_[family].labels;
    for (std::size_t i = 0; i < names.size() && i < labels.size(); ++i)
      metric.label.push_back({exposed_label(names[i]), std::string(labels[i])});
    std::sort(metric.label.begin(), metric.label.end());
    metric.counter.value = metric.gauge.value = value;
  }

  void move_to(std::vector<prometheus::MetricFamily>& all) {
    for (auto& family : families_) {
      if (!family.metric.empty()) all.push_back(std::move(family));
    }
  }

 private:
  const std::span<const MetricSpec> specs_;
  std::vector<prometheus::MetricFamily> families_;
};

}  // namespace

Result<void> Registry::take_name(const MetricSpec& spec) {
  const auto [found, is_new] =
      names_.try_emplace(exposed_name(spec.full_name()), Named{spec.help, spec.labels});
  if (is_new) return {};
  if (found->second.help == spec.help && found->second.labels == spec.labels)
    return Error(Errc::invalid, "", "duplicate metrics collector registration attempted");
  return Error(Errc::invalid, "",
               "a previously registered descriptor with the same fully-qualified name as " +
                   description(spec) + " has different label names or a different help string");
}

Result<Metrics::Declared> Registry::declare(MetricSpec spec) {
  // As a rule it is there: scripts declare what they count in each of their requests.
  if (Pointer known = find(spec.name)) return Declared{std::move(known), false};
  std::unique_lock lock(mutex_);
  if (const auto found = declared_.find(spec.name); found != declared_.end())
    return Declared{found->second, false};
  if (declared_.size() >= kMaxCollectors)
    return Error(Errc::invalid, "", "there are too many collectors");
  if (auto good = check(spec); !good) return std::move(good).error();
  if (auto taken = take_name(spec); !taken) return std::move(taken).error();
  std::string name = spec.name;
  auto collector = std::make_shared<Collector>(std::move(spec));
  declared_.emplace(std::move(name), collector);
  return Declared{std::move(collector), true};
}

Result<Metrics::Pointer> Registry::declare_own(MetricSpec spec) {
  std::unique_lock lock(mutex_);
  if (auto good = check(spec); !good) return std::move(good).error();
  if (auto taken = take_name(spec); !taken) return std::move(taken).error();
  return Pointer(own_.emplace_back(std::make_shared<Collector>(std::move(spec))));
}

Metrics::Pointer Registry::find(std::string_view name) const {
  std::shared_lock lock(mutex_);
  const auto found = declared_.find(name);
  return found == declared_.end() ? nullptr : found->second;
}

bool Registry::remove(std::string_view name) {
  std::unique_lock lock(mutex_);
  const auto found = declared_.find(name);
  if (found == declared_.end()) return false;
  names_.erase(exposed_name(found->second->spec().full_name()));
  declared_.erase(found);
  return true;
}

Result<void> Registry::add_source(const MetricsSource& source) {
  std::unique_lock lock(mutex_);
  for (const MetricSpec& spec : source.families()) {
    if (auto taken = take_name(spec); !taken) return taken;
  }
  sources_.push_back(&source);
  return {};
}

std::vector<prometheus::MetricFamily> Registry::collect() const {
  std::vector<Shared> collectors;
  std::vector<const MetricsSource*> sources;
  {
    std::shared_lock lock(mutex_);
    collectors = own_;
    for (const auto& [name, collector] : declared_) collectors.push_back(collector);
    sources = sources_;
  }
  std::vector<prometheus::MetricFamily> all;
  for (const Shared& each : collectors) {
    auto family = each->collect();
    if (!family.metric.empty()) all.push_back(std::move(family));
  }
  for (const MetricsSource* each : sources) {
    Sink sink(each->families());
    each->collect(sink);
    sink.move_to(all);
  }
  std::ranges::sort(all, {}, &prometheus::MetricFamily::name);
  return all;
}

}  // namespace rr::metrics
