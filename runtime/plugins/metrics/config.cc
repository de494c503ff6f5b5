#include "runtime/plugins/metrics/config.h"

#include <charconv>

#include "runtime/plugins/metrics/names.h"

namespace rr::metrics {

namespace {

void collect_objectives(const config::Node& node, const std::string& before, Objectives& out,
                        config::Errors& errors) {
  for (const config::Node::Entry& entry : node.map()) {
    if (entry.value.is_null()) continue;
    const std::string key = before + entry.key;
    config::Errors::Scope scope(errors, entry.key, entry.value);
    if (entry.value.is(config::Node::Kind::map)) {
      collect_objectives(entry.value, key + ".", out, errors);
      continue;
    }
    double quantile = 0;
    const auto [end, failed] = std::from_chars(key.data(), key.data() + key.size(), quantile);
    if (failed != std::errc{} || end != key.data() + key.size()) {
      errors.mismatch("expected a quantile, a number from 0 to 1, as the key");
      continue;
    }
    config::decode_value(entry.value, out.values[quantile], errors);
  }
}

}  // namespace

void Objectives::decode(const config::Node& node, config::Errors& errors) {
  config::Node merged;
  if (config::to_map(node, merged, errors)) collect_objectives(merged, "", *this, errors);
}

MetricSpec CollectConfig::spec(const std::string& name) const {
  return {.name = name,
          .kind = metric_kind(type).value_or(MetricKind::counter),
          .space = space,
          .subsystem = subsystem,
          .help = help,
          .labels = labels,
          .buckets = buckets,
          .objectives = objectives.values};
}

void MetricsConfig::check(config::Errors& errors) const {
  errors.require(!address.empty(), "address", "empty address");
  for (const auto& [name, each] : collect) {
    const std::string key = "collect." + name;
    if (!errors.require(metric_kind(each.type).has_value(), key + ".type",
                        "invalid metric type `" + each.type + "` for `" + name + "`"))
      continue;
    if (auto good = metrics::check(each.spec(name)); !good)
      errors.require(false, key, good.error().message);
  }
}

}  // namespace rr::metrics
