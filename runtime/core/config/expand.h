// References to environment variables in values: $NAME, ${NAME}, ${NAME:-default} (spec 05 §1.3).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "rr/config/node.h"

namespace rr::config {

// Where variables are looked up; nullopt: not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// The environment of this process. Not to be called while another thread changes it.
std::optional<std::string> process_environment(const std::string& name);

// Replaces every reference on its own: a default applies where the variable is unset or empty.
std::string expand(std::string_view text, const Environment& environment);

// Expands all string values of a tree and the strings in its lists. As in RoadRunner, lists of maps
// and lists of lists stay as they are, and a list that mixes strings with other types keeps only
// its strings; `dropped` hears of each such list.
void expand(Node& node, const Environment& environment,
            const std::function<void(const Node& list)>& dropped);

}  // namespace rr::config
