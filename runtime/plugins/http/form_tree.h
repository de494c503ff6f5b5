// Names of form fields and files to trees (spec 02 §2.6): "a[b][]" is a list below b below a.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rr/result.h"
#include "runtime/plugins/http/text_writer.h"

namespace rr::http {

// Splits a name into segments, which are views into it. A name must be free of spaces for that
// (they count for nothing) and valid UTF-8. Returns false when there are more than 127.
bool split_name(std::string_view name, std::vector<std::string_view>& segments);

// Collects the pairs of one form, then builds their tree. Used once, by one owner. Views that are
// passed in must outlive it.
class FormTree {
 public:
  enum class Leaves : std::uint8_t {
    text,  // values are text; of several with one name the last stays; empty ones give way to trees
    files,  // values are JSON already; of several with one name the first stays
  };
  explicit FormTree(Leaves leaves) : leaves_(leaves) {}

  void add(std::string_view name, std::string_view value);

  // Names are inserted in the order in which they first came, each with all of its values. Fails
  // when a name is a value in one place and a tree in another: "invalid multiple values to key 'h'
  // in tree".
  Result<void> build();

  // Appends the tree as compact JSON: keys in order of their bytes, "{}" for no pairs.
  void append_json(std::string& out) const;

 private:
  enum class Kind : std::uint8_t { map, value, list };
  struct Value {
    std::string_view text;
    std::uint32_t next;  // of the same name
  };
  struct Group {
    std::string_view name;
    std::uint32_t first;
    std::uint32_t last;
  };
  struct Node {
    Kind kind;
    std::uint32_t group;
  };
  using Key = std::pair<std::uint32_t, std::string_view>;  // parent and segment

  Result<void> insert(std::uint32_t group);
  std::string_view clean(std::string_view name);
  bool empty(Kind kind, std::uint32_t group) const;
  std::string_view kept_value(std::uint32_t group) const;
  void write_node(TextWriter& out, std::uint32_t node) const;
  void write_value(TextWriter& out, std::string_view value) const;

  const Leaves leaves_;
  std::vector<Value> values_;
  std::vector<Group> groups_;
  std::map<std::string_view, std::uint32_t> by_name_;
  std::deque<std::string> cleaned_;  // names that had spaces or bad bytes: segments point into them
  std::vector<std::string_view> segments_;
  std::vector<Node> nodes_{{Kind::map, 0}};  // the root first
  // One ordered map for all levels: keys come out sorted, and no name can make a lookup slow.
  std::map<Key, std::uint32_t> children_;
};

}  // namespace rr::http
