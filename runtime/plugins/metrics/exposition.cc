#include "runtime/plugins/metrics/exposition.h"

#include <sstream>
#include <utility>

#include <prometheus/text_serializer.h>

namespace rr::metrics {

namespace {

// A line of its own for every family: the library leaves empty ones out and lets line breaks pass.
void write_help(std::ostream& out, const prometheus::MetricFamily& family) {
  out << "# HELP " << family.name << ' ';
  for (const char c : family.help) {
    if (c == '\n') {
      out << "\\n";
    } else if (c == '\\') {
      out << "\\\\";
    } else {
      out << c;
    }
  }
  out << '\n';
}

}  // namespace

std::string exposition(const std::vector<prometheus::MetricFamily>& families) {
  std::ostringstream out;
  const prometheus::TextSerializer serializer;
  std::vector<prometheus::MetricFamily> one(1);
  for (const prometheus::MetricFamily& family : families) {
    write_help(out, family);
    one.front() = family;
    one.front().help.clear();
    serializer.Serialize(out, one);
  }
  return std::move(out).str();
}

}  // namespace rr::metrics
