// Looks for keys of a configuration that nothing reads: RoadRunner's that are not built yet, and
// misspelt ones.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rr/config.h"

namespace rr::config {

struct Finding : Problem {
  enum class Kind { unknown, planned, no_effect };
  Kind kind = Kind::unknown;
};

// The keys of the root that are no section: version, include, envfile.
const std::vector<Description>& root_keys();

// One finding for each key that has no effect, at its shallowest: `http.ssl` once, not its parts.
// `known` describes the sections that are read. Nothing is reported for RoadRunner's retired keys,
// for root keys that begin with "x-" (the custom of anchors) or are named by a kv storage, nor
// below maps with names of the user's.
std::vector<Finding> review(const Node& root, const std::vector<Description>& known);

// Letters to insert, remove, replace or swap with a neighbour to get from one word to the other.
std::size_t distance(std::string_view a, std::string_view b);

// The candidate nearest to a misspelt word, empty when none is near (at most a third of it
// differs).
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace rr::config
