// Names as Prometheus' text format has them, and what is wrong with a collector. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "rr/metrics.h"
#include "rr/result.h"

namespace rr::metrics {

// Each character that a name cannot have becomes "_". Of metrics, which may have colons.
std::string exposed_name(std::string_view name);
std::string exposed_label(std::string_view label);

// "Desc{fqName: "a_b", help: "h", constLabels: {}, variableLabels: {x,y}}": how RoadRunner's errors
// name a collector.
std::string description(const MetricSpec& spec);

// In RoadRunner's words.
Result<void> check(const MetricSpec& spec);

}  // namespace rr::metrics
