#include "runtime/core/config/diff.h"

#include <algorithm>

namespace rr::config {
namespace {

void compare(const Node& before, const Node& after, const std::string& path,
             std::vector<std::string>& found) {
  if (!before.is(Node::Kind::map) || !after.is(Node::Kind::map)) {
    if (!(before == after)) found.push_back(path);
    return;
  }
  const std::string prefix = path.empty() ? "" : path + ".";
  const auto child = [](const Node& map, const std::string& key) -> const Node* {
    // Not find(): keys of maps may hold dots of their own.
    const auto entry = std::ranges::find(map.map(), key, &Node::Entry::key);
    return entry == map.map().end() || entry->value.is_null() ? nullptr : &entry->value;
  };
  for (const Node::Entry& entry : before.map()) {
    if (entry.value.is_null()) continue;
    if (const Node* other = child(after, entry.key)) {
      compare(entry.value, *other, prefix + entry.key, found);
    } else {
      found.push_back(prefix + entry.key);
    }
  }
  for (const Node::Entry& entry : after.map()) {
    if (!entry.value.is_null() && !child(before, entry.key)) found.push_back(prefix + entry.key);
  }
}

}  // namespace

std::vector<std::string> changed_keys(const Node& before, const Node& after) {
  std::vector<std::string> found;
  compare(before, after, "", found);
  std::ranges::sort(found);
  return found;
}

bool is_below(std::string_view key, std::string_view prefix) {
  return key.starts_with(prefix) && (key.size() == prefix.size() || key[prefix.size()] == '.');
}

}  // namespace rr::config
