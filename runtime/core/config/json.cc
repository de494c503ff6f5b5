#include "runtime/core/config/json.h"

namespace rr::config {

nlohmann::json to_json(const Node& node) {
  switch (node.kind()) {
    case Node::Kind::null:
      return nullptr;
    case Node::Kind::boolean:
      return node.boolean();
    case Node::Kind::integer:
      return node.integer();
    case Node::Kind::real:
      return node.real();
    case Node::Kind::text:
      return node.text();
    case Node::Kind::list: {
      nlohmann::json list = nlohmann::json::array();
      for (const Node& item : node.list()) list.push_back(to_json(item));
      return list;
    }
    case Node::Kind::map:
      break;
  }
  nlohmann::json map = nlohmann::json::object();
  for (const Node::Entry& entry : node.map()) {
    nlohmann::json value = to_json(entry.value);
    if (value.is_null() || (value.is_object() && value.empty())) continue;
    map[entry.key] = std::move(value);
  }
  return map;
}

}  // namespace rr::config
