// Lines of an exposition, for comparing.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "runtime/plugins/metrics/exposition.h"
#include "runtime/plugins/metrics/registry.h"

namespace rr::metrics {

enum class Comments : bool { no, yes };

inline std::vector<std::string> lines_of(const std::vector<prometheus::MetricFamily>& families,
                                         Comments comments = Comments::no) {
  std::vector<std::string> lines;
  std::istringstream text(exposition(families));
  for (std::string line; std::getline(text, line);) {
    if (comments == Comments::yes || line.front() != '#') lines.push_back(line);
  }
  return lines;
}

}  // namespace rr::metrics
