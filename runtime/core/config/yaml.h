// YAML and JSON text as go-yaml v3 and viper read it, with positions.
#pragma once

#include <string>
#include <string_view>

#include "rr/config/errors.h"
#include "rr/config/node.h"

namespace rr::config {

// The first document of a YAML text; an empty one is an empty map. Keys are lower-cased at every
// depth, dotted keys nested and merged, anchors and `<<` resolved. Throws ConfigError "While
// parsing config: yaml: …": broken text, a key twice in one map, a root that is no map.
Node parse_yaml(const std::string& text, const std::string& source);

// The same of a JSON text.
Node parse_json(const std::string& text, const std::string& source);

// A plain (unquoted) YAML scalar by its looks: null, bool, number, date (which becomes text) or
// text.
Node::Value resolve_scalar(std::string_view text);

}  // namespace rr::config
