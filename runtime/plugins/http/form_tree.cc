#include "runtime/plugins/http/form_tree.h"

#include "rr/utf8.h"
#include "runtime/plugins/http/json_text.h"

namespace rr::http {
namespace {

constexpr std::size_t kMaxSegments = 127;
constexpr std::uint32_t kNone = ~std::uint32_t{0};

}  // namespace

bool split_name(std::string_view name, std::vector<std::string_view>& segments) {
  segments.clear();
  bool in_text = true;  // not right after a bracket
  std::size_t begin = 0;
  std::size_t length = 0;
  const auto push = [&](std::size_t at) {
    segments.push_back(name.substr(begin, length));
    begin = at + 1;
    length = 0;
  };
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '[') {
      if (in_text) push(i);
      in_text = false;
      begin = i + 1;
    } else if (name[i] == ']') {
      push(i);
      in_text = false;
    } else {
      ++length;
      in_text = true;
    }
    if (segments.size() > kMaxSegments) return false;
  }
  if (length > 0 || segments.empty()) segments.push_back(name.substr(begin, length));
  return segments.size() <= kMaxSegments;
}

void FormTree::add(std::string_view name, std::string_view value) {
  const auto index = static_cast<std::uint32_t>(values_.size());
  values_.push_back({value, kNone});
  const auto [at, fresh] = by_name_.try_emplace(name, static_cast<std::uint32_t>(groups_.size()));
  if (fresh) {
    groups_.push_back({name, index, index});
    return;
  }
  Group& group = groups_[at->second];
  values_[group.last].next = index;
  group.last = index;
}

Result<void> FormTree::build() {
  for (std::uint32_t group = 0; group < groups_.size(); ++group) {
    if (auto inserted = insert(group); !inserted) return inserted;
  }
  return {};
}

std::string_view FormTree::clean(std::string_view name) {
  if (name.find(' ') == name.npos && utf8::valid(name)) return name;
  std::string& copy = cleaned_.emplace_back();
  while (!name.empty()) {
    const std::size_t length = utf8::sequence(name);
    if (length == 0) {
      copy += utf8::kReplacement;
    } else if (name[0] != ' ') {
      copy += name.substr(0, length);
    }
    name.remove_prefix(length == 0 ? 1 : length);
  }
  return copy;
}

// A text that is empty, or a list of nothing but one empty text.
bool FormTree::empty(Kind kind, std::uint32_t group) const {
  if (leaves_ == Leaves::files) return false;
  const Group& values = groups_[group];
  if (kind == Kind::list && values.first != values.last) return false;
  return values_[values.last].text.empty();
}

// The seven rules of the spec, at each level.
Result<void> FormTree::insert(std::uint32_t group) {
  if (!split_name(clean(groups_[group].name), segments_)) return {};
  const bool nothing = empty(Kind::list, group);
  std::uint32_t level = 0;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    const std::string_view head = segments_[i];
    const std::size_t left = segments_.size() - i;
    const bool list_next = left > 1 && segments_[i + 1].empty();
    const bool leaf = left == 1 || (left == 2 && list_next);
    const auto [at, fresh] =
        children_.try_emplace(Key{level, head}, static_cast<std::uint32_t>(nodes_.size()));
    if (fresh) nodes_.push_back({leaf ? Kind::value : Kind::map, group});
    Node& node = nodes_[at->second];
    const auto conflict = [&] {
      return Error(Errc::invalid, "",
                   "invalid multiple values to key '" + std::string(head) + "' in tree");
    };
    if (!fresh) {
      if (node.kind == Kind::map) {
        if (leaf) return nothing ? Result<void>() : Result<void>(conflict());
      } else if (!empty(node.kind, node.group)) {
        if (left > 1 && !list_next) return conflict();
        if (nothing) return {};
      }
    }
    if (leaf) {
      node = {left == 1 ? Kind::value : Kind::list, group};
      return {};
    }
    node.kind = Kind::map;
    level = at->second;
  }
  return {};
}

std::string_view FormTree::kept_value(std::uint32_t group) const {
  const Group& values = groups_[group];
  return values_[leaves_ == Leaves::text ? values.last : values.first].text;
}

void FormTree::append_json(std::string& out) const {
  TextWriter writer(out, 256);
  write_node(writer, 0);
}

void FormTree::write_value(TextWriter& out, std::string_view value) const {
  if (leaves_ == Leaves::files) {
    out.put(value);
  } else {
    write_json_string(out, value, Escape::html);
  }
}

void FormTree::write_node(TextWriter& out, std::uint32_t index) const {  // at most 127 deep
  const Node& node = nodes_[index];
  if (node.kind == Kind::value) return write_value(out, kept_value(node.group));
  char separator = node.kind == Kind::map ? '{' : '[';
  if (node.kind == Kind::list) {
    for (std::uint32_t i = groups_[node.group].first; i != kNone; i = values_[i].next) {
      out.put(separator);
      write_value(out, values_[i].text);
      separator = ',';
    }
    out.put(']');
    return;
  }
  for (auto child = children_.lower_bound(Key{index, {}});
       child != children_.end() && child->first.first == index; ++child) {
    out.put(separator);
    write_json_string(out, child->first.second, Escape::html);
    out.put(':');
    write_node(out, child->second);
    separator = ',';
  }
  if (separator == '{') out.put('{');
  out.put('}');
}

}  // namespace rr::http
