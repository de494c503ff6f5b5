#include "runtime/core/config/json.h"

#include <cmath>

namespace rr::config {

namespace {

// As Go writes it: no fraction where there is none.
nlohmann::json number(double value) {
  constexpr double kMost = 9.2e18;
  if (std::abs(value) < kMost && value == std::trunc(value))
    return static_cast<std::int64_t>(value);
  return value;
}

// RoadRunner looks into maps of maps only: what is in a list stays as it is.
enum class Within { map, list };

nlohmann::json to_json(const Node& node, Within within) {
  switch (node.kind()) {
    case Node::Kind::null:
      return nullptr;
    case Node::Kind::boolean:
      return node.boolean();
    case Node::Kind::integer:
      return node.integer();
    case Node::Kind::real:
      return number(node.real());
    case Node::Kind::text:
      return node.text();
    case Node::Kind::list: {
      nlohmann::json list = nlohmann::json::array();
      for (const Node& item : node.list()) list.push_back(to_json(item, Within::list));
      return list;
    }
    case Node::Kind::map:
      break;
  }
  nlohmann::json map = nlohmann::json::object();
  for (const Node::Entry& entry : node.map()) {
    nlohmann::json value = to_json(entry.value, within);
    const bool nothing = value.is_null() || (value.is_object() && value.empty());
    if (nothing && within == Within::map) continue;
    map[entry.key] = std::move(value);
  }
  return map;
}

}  // namespace

nlohmann::json to_json(const Node& node) {
  return to_json(node, Within::map);
}

}  // namespace rr::config
