// Prometheus' text format 0.0.4.
#pragma once

#include <string>
#include <vector>

#include <prometheus/metric_family.h>

namespace rr::metrics {

inline constexpr const char* kContentType =
    "text/plain; version=0.0.4; charset=utf-8; escaping=underscores";

std::string exposition(const std::vector<prometheus::MetricFamily>& families);

}  // namespace rr::metrics
