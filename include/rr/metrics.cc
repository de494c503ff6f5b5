#include "rr/metrics.h"

#include <array>
#include <utility>

namespace rr {

namespace {

constexpr std::array<std::pair<MetricKind, std::string_view>, 4> kKinds{
    {{MetricKind::counter, "counter"},
     {MetricKind::gauge, "gauge"},
     {MetricKind::histogram, "histogram"},
     {MetricKind::summary, "summary"}}};

}  // namespace

std::string_view to_string(MetricKind kind) {
  for (const auto& [each, name] : kKinds) {
    if (each == kind) return name;
  }
  return "";
}

std::optional<MetricKind> metric_kind(std::string_view name) {
  for (const auto& [kind, each] : kKinds) {
    if (each == name) return kind;
  }
  return std::nullopt;
}

std::string MetricSpec::full_name() const {
  if (name.empty()) return {};
  std::string out;
  for (const std::string* part : {&space, &subsystem}) {
    if (!part->empty()) out.append(*part).append("_");
  }
  return out + name;
}

}  // namespace rr
