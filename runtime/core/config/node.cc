#include "rr/config/node.h"

#include <algorithm>

namespace rr::config {

std::string Position::text() const {
  if (line <= 0) return source;
  return source + ":" + std::to_string(line) + ":" + std::to_string(column);
}

namespace {

template <class Entries>
auto* entry_of(Entries& entries, std::string_view key) {
  for (auto& entry : entries) {
    if (entry.key == key) return &entry;
  }
  return static_cast<decltype(&entries.front())>(nullptr);
}

}  // namespace

// Here, where Entry is complete.
Node::Node() = default;
Node::Node(Value value, Position at) : value_(std::move(value)), at_(std::move(at)) {}
Node::Node(const Node& other) = default;
Node::Node(Node&& other) noexcept = default;
Node& Node::operator=(const Node& other) = default;
Node& Node::operator=(Node&& other) noexcept = default;
Node::~Node() = default;

const Node* Node::find(std::string_view path) const {
  const Node* node = this;
  for (;;) {
    if (!node->is(Kind::map)) return nullptr;
    const Entry* whole = entry_of(node->map(), path);
    const std::size_t dot = whole != nullptr ? std::string_view::npos : path.find('.');
    const Entry* entry = whole != nullptr ? whole : entry_of(node->map(), path.substr(0, dot));
    if (entry == nullptr || entry->value.is_null()) return nullptr;
    if (dot == std::string_view::npos) return &entry->value;
    node = &entry->value;
    path.remove_prefix(dot + 1);
  }
}

void Node::set(std::string_view path, Node value) {
  Node* node = this;
  const Position at = value.at();
  for (;;) {
    if (!node->is(Kind::map)) *node = Node(Map{}, at);
    const std::size_t dot = path.find('.');
    const std::string_view key = path.substr(0, dot);
    Entry* entry = entry_of(node->map(), key);
    if (entry == nullptr) {
      entry = &node->map().emplace_back(Entry{std::string(key), std::string(key), Node()});
    }
    node = &entry->value;
    if (dot == std::string_view::npos) break;
    path.remove_prefix(dot + 1);
  }
  *node = std::move(value);
}

void Node::merge(const Node& other) {
  if (other.is_null()) return;
  if (!is(Kind::map) || !other.is(Kind::map)) {
    *this = other;
    return;
  }
  for (const Entry& entry : other.map()) {
    if (Entry* mine = entry_of(map(), entry.key)) {
      mine->value.merge(entry.value);
    } else {
      map().push_back(entry);
    }
  }
}

bool operator==(const Node& a, const Node& b) {
  if (!a.is(Node::Kind::map) || !b.is(Node::Kind::map)) return a.value_ == b.value_;
  return a.map().size() == b.map().size() &&
         std::is_permutation(a.map().begin(), a.map().end(), b.map().begin());
}

std::string_view go_type(const Node& node) {
  switch (node.kind()) {
    case Node::Kind::null:
      return "nil";
    case Node::Kind::boolean:
      return "bool";
    case Node::Kind::integer:
      return "int";
    case Node::Kind::real:
      return "float64";
    case Node::Kind::text:
      return "string";
    case Node::Kind::list:
      return "[]interface {}";
    case Node::Kind::map:
      return "map[string]interface {}";
  }
  return {};
}

std::string_view go_kind(const Node& node) {
  if (node.is(Node::Kind::list)) return "slice";
  if (node.is(Node::Kind::map)) return "map";
  return go_type(node);
}

}  // namespace rr::config
