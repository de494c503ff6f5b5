// What differs between two configurations.
#pragma once

#include <string>
#include <vector>

#include "rr/config/node.h"

namespace rr::config {

// The keys whose values differ, as dotted paths, sorted. Lists are compared whole; a map that only
// one side has is one key. Where values were written does not count.
std::vector<std::string> changed_keys(const Node& before, const Node& after);

// Whether `key` is `prefix` or below it.
bool is_below(std::string_view key, std::string_view prefix);

}  // namespace rr::config
