// The section `metrics` (spec 04 §4.1).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "rr/config.h"
#include "rr/metrics.h"

namespace rr::metrics {

// Quantiles and the error each may have. A key with a dot ("0.5") has become nested maps by the
// time it is read.
struct Objectives {
  std::map<double, double> values;

  static constexpr std::string_view kTypeName = "map of floats";
  void decode(const config::Node& node, config::Errors& errors);
  std::string show() const { return {}; }
};

struct CollectConfig {
  std::string type;
  std::string space;
  std::string subsystem;
  std::string help;
  std::vector<std::string> labels;
  std::vector<double> buckets;
  Objectives objectives;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("type", &CollectConfig::type, "counter, gauge, histogram or summary; required"),
        field("namespace", &CollectConfig::space, "first part of the name that is exposed"),
        field("subsystem", &CollectConfig::subsystem, "second part of it"),
        field("help", &CollectConfig::help, "what is counted, for people"),
        field("labels", &CollectConfig::labels, "names of labels, in the order of their values"),
        field("buckets", &CollectConfig::buckets,
              "upper bounds of a histogram, rising; none: .005 to 10"),
        field("objectives", &CollectConfig::objectives,
              "quantiles of a summary and the error each may have: {0.5: 0.05}"),
    };
  }
  // Of a type that is known.
  MetricSpec spec(const std::string& name) const;
};

struct MetricsConfig {
  std::string address = "127.0.0.1:2112";
  std::map<std::string, CollectConfig> collect;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("address", &MetricsConfig::address, "where metrics are read: host:port, any path"),
        field("collect", &MetricsConfig::collect, "collectors of the application, by name"),
    };
  }
  void check(config::Errors& errors) const;
};

}  // namespace rr::metrics
