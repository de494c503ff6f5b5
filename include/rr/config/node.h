// A loaded configuration as a tree in which every value knows where it was written.
// Values; no thread rules beyond those of the standard containers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rr::config {

// Where a value comes from: a file with line and column from 1, or "-o http.pool=x" with none.
struct Position {
  std::string source;
  int line = 0;
  int column = 0;

  // "/srv/app/.rr.yaml:4:17", or the source alone; empty when nothing is known.
  std::string text() const;
};

// One value. Keys of maps are lower case and keep the order of the file; dotted keys have become
// nested maps. A null is a key without a value and counts as absent everywhere.
class Node {
 public:
  enum class Kind { null, boolean, integer, real, text, list, map };
  struct Entry;
  using List = std::vector<Node>;
  using Map = std::vector<Entry>;
  using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Map>;

  Node();
  Node(Value value, Position at);
  Node(const Node& other);
  Node(Node&& other) noexcept;
  Node& operator=(const Node& other);
  Node& operator=(Node&& other) noexcept;
  ~Node();

  Kind kind() const { return static_cast<Kind>(value_.index()); }
  bool is(Kind kind) const { return this->kind() == kind; }
  bool is_null() const { return is(Kind::null); }
  const Position& at() const { return at_; }

  // Each accessor may be called for its own kind only.
  bool boolean() const { return std::get<bool>(value_); }
  std::int64_t integer() const { return std::get<std::int64_t>(value_); }
  double real() const { return std::get<double>(value_); }
  const std::string& text() const { return std::get<std::string>(value_); }
  const List& list() const { return std::get<List>(value_); }
  List& list() { return std::get<List>(value_); }
  const Map& map() const { return std::get<Map>(value_); }
  Map& map() { return std::get<Map>(value_); }

  // The value of a direct child or of a dotted path; null pointer when this is no map, when there
  // is no such key or its value is null.
  const Node* find(std::string_view path) const;

  // Sets the value at a dotted path. Maps on the way are created; what is no map is replaced.
  void set(std::string_view path, Node value);

  // Adds what `other` has: maps are merged key by key, anything else in `other` wins unless it is
  // null.
  void merge(const Node& other);

  // Equal values, wherever they were written; of maps the order of keys does not count.
  friend bool operator==(const Node& a, const Node& b);

 private:
  Value value_;
  Position at_;
};

// A key with its value; `written` keeps the case of the file ("MyPipeline").
struct Node::Entry {
  std::string key;
  std::string written;
  Node value;
  Position at = {};  // of the key itself, where a file has it

  const Position& place() const { return at.line > 0 ? at : value.at(); }

  friend bool operator==(const Entry& a, const Entry& b) {
    return a.key == b.key && a.value == b.value;
  }
};

// The type as Go names it in RoadRunner's messages: "string", "int", "map[string]interface {}".
std::string_view go_type(const Node& node);
// The kind as Go names it: "string", "int", "map", "slice".
std::string_view go_kind(const Node& node);

}  // namespace rr::config
