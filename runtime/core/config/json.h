// A configuration as JSON, for `rpc.Config` and for plugins outside this binary.
#pragma once

#include <nlohmann/json.hpp>

#include "rr/config/node.h"

namespace rr::config {

// Without nulls and without maps that are (or thereby become) empty, but for those in lists.
nlohmann::json to_json(const Node& node);

}  // namespace rr::config
