#include "runtime/core/config/expand.h"

#include <algorithm>
#include <cstdlib>

namespace rr::config {

namespace {

bool is_name(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// The shell's one-character variables: normally empty, but consumed.
bool is_special(char c) {
  return std::string_view("*#$@!?-0123456789").find(c) != std::string_view::npos;
}

// A reference behind a `$`: the name, and how many characters it takes. No name and a length is a
// broken reference that is swallowed; no name and no length is a `$` that stands for itself.
struct Reference {
  std::string_view name;
  std::size_t length = 0;
};

Reference reference_at(std::string_view text) {
  if (text.empty()) return {};
  if (text[0] == '{') {
    if (text.size() > 2 && is_special(text[1]) && text[2] == '}') return {text.substr(1, 1), 3};
    const std::size_t end = text.find('}');
    if (end == std::string_view::npos) return {{}, 1};
    return {text.substr(1, end - 1), end + 1};
  }
  if (is_special(text[0])) return {text.substr(0, 1), 1};
  const auto end = std::find_if_not(text.begin(), text.end(), is_name);
  const auto length = static_cast<std::size_t>(end - text.begin());
  return {text.substr(0, length), length};
}

std::string value_of(std::string_view name, const Environment& environment) {
  const std::size_t separator = name.find(":-");
  std::string value = environment(std::string(name.substr(0, separator))).value_or("");
  if (value.empty() && separator != std::string_view::npos)
    return std::string(name.substr(separator + 2));
  return value;
}

void expand_list(Node& node, const Environment& environment,
                 const std::function<void(const Node& list)>& dropped) {
  const auto is_text = [](const Node& item) { return item.is(Node::Kind::text); };
  Node::List& items = node.list();
  if (std::none_of(items.begin(), items.end(), is_text)) return;
  if (!std::all_of(items.begin(), items.end(), is_text)) {
    dropped(node);
    std::erase_if(items, [&](const Node& item) { return !is_text(item); });
  }
  for (Node& item : items) item = Node(expand(item.text(), environment), item.at());
}

}  // namespace

std::optional<std::string> process_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

std::string expand(std::string_view text, const Environment& environment) {
  std::string out;
  while (!text.empty()) {
    const std::size_t dollar = text.find('$');
    out += text.substr(0, dollar);
    if (dollar == std::string_view::npos) break;
    text.remove_prefix(dollar + 1);
    const Reference reference = reference_at(text);
    if (!reference.name.empty()) {
      out += value_of(reference.name, environment);
    } else if (reference.length == 0) {
      out += '$';
    }
    text.remove_prefix(reference.length);
  }
  return out;
}

void expand(Node& node, const Environment& environment,
            const std::function<void(const Node& list)>& dropped) {
  if (node.is(Node::Kind::text)) {
    if (node.text().find('$') != std::string::npos)
      node = Node(expand(node.text(), environment), node.at());
  } else if (node.is(Node::Kind::list)) {
    expand_list(node, environment, dropped);
  } else if (node.is(Node::Kind::map)) {
    for (Node::Entry& entry : node.map()) expand(entry.value, environment, dropped);
  }
}

}  // namespace rr::config
