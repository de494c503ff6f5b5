// `-o key=value` of the command line (spec 05 §1.5).
#pragma once

#include <string>
#include <string_view>

namespace rr::config {

struct Override {
  std::string key;  // dotted path in lower case
  std::string value;
};

// Throws ConfigError with RoadRunner's texts: invalid flag, empty key, empty value.
Override parse_override(std::string_view argument);

}  // namespace rr::config
