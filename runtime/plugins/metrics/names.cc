#include "runtime/plugins/metrics/names.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace rr::metrics {

namespace {

// What memory is not to be spent on; nobody needs as much.
constexpr std::size_t kMaxLabels = 64;
constexpr std::size_t kMaxBuckets = 1'000;
constexpr std::size_t kMaxObjectives = 100;
constexpr std::size_t kMaxText = 64 * 1024;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool continues(char c) {  // a character of several bytes
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

enum class Colons : std::uint8_t { no, yes };

std::string exposed(std::string_view text, Colons colons) {
  std::string out;
  for (const char c : text) {
    if (continues(c)) continue;
    const bool fits =
        is_letter(c) || (is_digit(c) && !out.empty()) || (c == ':' && colons == Colons::yes);
    out += fits ? c : '_';
  }
  return out;
}

Error invalid(const MetricSpec& spec, const std::string& why) {
  return Error(Errc::invalid, "", "descriptor " + description(spec) + " is invalid: " + why);
}

Result<void> check_labels(const MetricSpec& spec) {
  const std::string of = " for metric \"" + spec.full_name() + "\"";
  std::set<std::string> seen;
  for (const std::string& label : spec.labels) {
    if (label.empty() || label.starts_with("__"))
      return invalid(spec, "\"" + label + "\" is not a valid label name" + of);
    if (!seen.insert(exposed_label(label)).second)
      return invalid(spec, "duplicate label names in constant and variable labels" + of);
    if (label == "le" && spec.kind == MetricKind::histogram)
      return invalid(spec, "\"le\" is not allowed as label name in histograms");
    if (label == "quantile" && spec.kind == MetricKind::summary)
      return invalid(spec, "\"quantile\" is not allowed as label name in summaries");
  }
  return {};
}

Result<void> check_numbers(const MetricSpec& spec) {
  const auto rises = [](double a, double b) { return a < b; };
  const auto& buckets = spec.buckets;
  for (std::size_t i = 1; i < buckets.size(); ++i) {
    if (!rises(buckets[i - 1], buckets[i]))
      return Error(Errc::invalid, "", "histogram buckets must be in increasing order");
  }
  for (const auto& [quantile, error] : spec.objectives) {
    if (!(quantile >= 0 && quantile <= 1 && error >= 0 && error <= 1))
      return Error(Errc::invalid, "", "objectives of a summary are between 0 and 1");
  }
  return {};
}

}  // namespace

std::string exposed_name(std::string_view name) {
  return exposed(name, Colons::yes);
}

std::string exposed_label(std::string_view label) {
  return exposed(label, Colons::no);
}

std::string description(const MetricSpec& spec) {
  std::string labels;
  for (const std::string& label : spec.labels) labels.append(labels.empty() ? "" : ",") += label;
  return "Desc{fqName: \"" + spec.full_name() + "\", help: \"" + spec.help +
         "\", constLabels: {}, variableLabels: {" + labels + "}}";
}

Result<void> check(const MetricSpec& spec) {
  if (spec.labels.size() > kMaxLabels || spec.buckets.size() > kMaxBuckets ||
      spec.objectives.size() > kMaxObjectives || description(spec).size() > kMaxText)
    return Error(Errc::invalid, "", "a collector of that size is not possible");
  if (spec.full_name().empty())
    return invalid(spec, "\"" + spec.full_name() + "\" is not a valid metric name");
  if (auto labels = check_labels(spec); !labels) return labels;
  return check_numbers(spec);
}

}  // namespace rr::metrics
