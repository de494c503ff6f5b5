// The section `metrics`.
#include "runtime/core/config/config.h"

#include <gtest/gtest.h>

#include "runtime/plugins/metrics/config.h"

namespace rr::metrics {
namespace {

using config::Node;

MetricsConfig decoded(const Node& section) {
  MetricsConfig out;
  config::Errors errors;
  config::Errors::Scope scope(errors, {}, section);
  config::decode_value(section, out, errors);
  errors.throw_if_any({"metrics_plugin_init", "config_plugin_unmarshal_key"});
  return out;
}

Node collector(const std::string& name, const std::string& type) {
  Node section(Node::Map{}, {});
  section.set("collect." + name + ".type", Node(type, {}));
  return section;
}

std::string refusal(const Node& section) {
  try {
    (void)decoded(section);
    return "";
  } catch (const ConfigError& e) {
    return e.what();
  }
}

// spec:04#73
TEST(MetricsConfig, QuantilesMayHaveADot) {
  Node section = collector("q", "summary");
  section.set("collect.q.objectives.0.5", Node(0.05, {}));
  section.set("collect.q.objectives.0.99", Node(0.001, {}));
  const auto spec = decoded(section).collect.at("q").spec("q");
  EXPECT_EQ(spec.objectives, (std::map<double, double>{{.5, .05}, {.99, .001}}));
  section.set("collect.q.objectives.high", Node(0.001, {}));
  EXPECT_NE(refusal(section).find("expected a quantile"), std::string::npos);
}

// spec:04#56
TEST(MetricsConfig, AnUnknownTypeIsRefusedInRoadRunnersWords) {
  EXPECT_NE(refusal(collector("app_metric", "gaugee"))
                .find("invalid metric type `gaugee` for `app_metric`"),
            std::string::npos);
  EXPECT_EQ(refusal(collector("app_metric", "gauge")), "");
}

TEST(MetricsConfig, WhatIsNoCollectorIsRefused) {
  Node section = collector("h", "histogram");
  Node::List buckets;
  buckets.emplace_back(2.0, config::Position{});
  buckets.emplace_back(1.0, config::Position{});
  section.set("collect.h.buckets", Node(std::move(buckets), {}));
  EXPECT_NE(refusal(section).find("increasing order"), std::string::npos);
}

}  // namespace
}  // namespace rr::metrics
