#include "runtime/core/config/yaml.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <unordered_map>

#include <nlohmann/json.hpp>
#include <yaml-cpp/yaml.h>

namespace rr::config {

namespace {

// Deeper or larger trees than these come from no honest file (go-yaml has such limits too).
constexpr int kMaxDepth = 200;
constexpr int kMaxNodes = 500'000;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// A key that nests: dots with something on both sides of each.
bool is_dotted(const std::string& key) {
  return key.find('.') != std::string::npos && key.front() != '.' && key.back() != '.' &&
         key.find("..") == std::string::npos;
}

// JSON takes the last of several keys of one name.
enum class Format : std::uint8_t { yaml, json };

class Converter {
 public:
  Converter(const std::string& source, Format format) : source_(source), format_(format) {}

  Node convert(const YAML::Node& node, int depth = 0) {
    const YAML::Mark mark = node.Mark();
    const Position at{source_, mark.line + 1, mark.column + 1};
    if (depth > kMaxDepth || ++count_ > kMaxNodes)
      fail("document contains excessive aliasing", mark);
    switch (node.Type()) {
      case YAML::NodeType::Scalar:
        return scalar(node, at);
      case YAML::NodeType::Sequence: {
        Node::List items;
        for (const YAML::Node& item : node) items.push_back(convert(item, depth + 1));
        return Node(std::move(items), at);
      }
      case YAML::NodeType::Map:
        return map(node, at, depth);
      default:
        return Node(std::monostate{}, at);
    }
  }

  [[noreturn]] void fail(const std::string& why, const YAML::Mark& mark) const {
    const Position at{source_, mark.is_null() ? 0 : mark.line + 1, mark.column + 1};
    std::string text = "While parsing config: yaml: ";
    if (!mark.is_null()) text += "line " + std::to_string(mark.line + 1) + ": ";
    throw ConfigError({}, text + why + " (" + at.text() + ")", {}).at(at);
  }

 private:
  Node scalar(const YAML::Node& node, const Position& at) const {
    // "?": plain; "!": quoted or a block; anything else is an explicit tag.
    const std::string& tag = node.Tag();
    if (tag == "!" || tag == "tag:yaml.org,2002:str") return Node(node.Scalar(), at);
    Node::Value value = resolve_scalar(node.Scalar());
    // All numbers of JSON are floats to Go.
    if (const auto* whole = std::get_if<std::int64_t>(&value);
        whole != nullptr && format_ == Format::json) {
      value = static_cast<double>(*whole);
    }
    return Node(std::move(value), at);
  }

  Node map(const YAML::Node& node, const Position& at, int depth) {
    Node out(Node::Map{}, at);
    std::unordered_map<std::string, int> seen;
    std::vector<YAML::Node> bases;
    for (const auto& pair : node) {
      const YAML::Mark mark = pair.first.Mark();
      if (!pair.first.IsScalar()) {
        if (pair.first.IsNull()) continue;
        fail("invalid map key", mark);
      }
      const std::string& written = pair.first.Scalar();
      const auto [first, fresh] = seen.emplace(written, mark.line + 1);
      if (!fresh && format_ == Format::yaml) {
        fail("mapping key \"" + written + "\" already defined at line " +
                 std::to_string(first->second),
             mark);
      }
      if (written == "<<" && pair.first.Tag() == "?") {
        bases.push_back(pair.second);
        continue;
      }
      add(out, written, convert(pair.second, depth + 1), {source_, mark.line + 1, mark.column + 1});
    }
    for (const YAML::Node& base : bases) inherit(out, base, depth);
    return out;
  }

  // `<<: *base` or `<<: [*a, *b]`: keys that are not there yet, earlier bases first.
  void inherit(Node& out, const YAML::Node& base, int depth) {
    if (base.IsSequence()) {
      for (const YAML::Node& item : base) inherit(out, item, depth + 1);
      return;
    }
    if (!base.IsMap()) fail("map merge requires map or sequence of maps as the value", base.Mark());
    Node inherited = convert(base, depth + 1);
    for (Node::Entry& entry : inherited.map()) {
      if (!has(out, entry.key)) out.map().push_back(std::move(entry));
    }
  }

  static bool has(const Node& map, const std::string& key) {
    for (const Node::Entry& entry : map.map()) {
      if (entry.key == key) return true;
    }
    return false;
  }

  // Adds one pair; a dotted key becomes nested maps that merge with what is there.
  static void add(Node& out, const std::string& written, Node value, const Position& at) {
    const std::string key = lower(written);
    Node single(Node::Map{}, out.at());
    if (is_dotted(key)) {
      Node* inner = &single;
      std::size_t start = 0;
      for (std::size_t dot = key.find('.'); dot != std::string::npos; dot = key.find('.', start)) {
        Node::Entry& entry = inner->map().emplace_back(
            Node::Entry{key.substr(start, dot - start), written.substr(start, dot - start),
                        Node(Node::Map{}, value.at()), at});
        inner = &entry.value;
        start = dot + 1;
      }
      inner->map().push_back({key.substr(start), written.substr(start), std::move(value), at});
    } else {
      single.map().push_back({key, written, std::move(value), at});
    }
    out.merge(single);
  }

  const std::string& source_;
  const Format format_;
  int count_ = 0;
};

// Whether the line of a mistake begins with a tab: the parser's own words never say so.
bool indented_by_tab(const std::string& text, const YAML::Mark& mark) {
  if (mark.is_null()) return false;
  std::size_t start = 0;
  for (int line = 0; line < mark.line && start != std::string::npos; ++line) {
    start = text.find('\n', start);
    if (start != std::string::npos) ++start;
  }
  if (start == std::string::npos) return false;
  const std::size_t end = text.find_first_not_of(' ', start);
  return end != std::string::npos && text[end] == '\t';
}

Node parse(const std::string& text, const std::string& source, Format format) {
  Converter converter(source, format);
  YAML::Node document;
  try {
    document = YAML::Load(text);
  } catch (const YAML::Exception& e) {
    converter.fail(
        indented_by_tab(text, e.mark)
            ? "found character that cannot start any token: a tab, where YAML indents by "
              "spaces"
            : e.msg,
        e.mark);
  }
  if (!document.IsDefined() || document.IsNull()) return Node(Node::Map{}, {source, 1, 1});
  if (!document.IsMap()) converter.fail("the root of a configuration is a map", document.Mark());
  return converter.convert(document);
}

// JSON writes characters beyond the first plane as two \u escapes, which YAML does not know.
std::string join_surrogates(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 >= text.size()) {
      out += text[i];
      continue;
    }
    unsigned high = 0, low = 0;
    if (i + 12 <= text.size() && std::sscanf(text.c_str() + i, "\\u%4x\\u%4x", &high, &low) == 2 &&
        high >= 0xD800 && high < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
      char buffer[16];
      std::snprintf(buffer, sizeof buffer, "\\U%08X",
                    0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
      out += buffer;
      i += 11;
    } else {
      out += text[i];
      out += text[++i];
    }
  }
  return out;
}

// Of the byte with this number, from 1.
Position position_of(const std::string& text, std::size_t byte, const std::string& source) {
  const std::string_view before = std::string_view(text).substr(0, byte == 0 ? 0 : byte - 1);
  const auto line = std::ranges::count(before, '\n') + 1;
  const std::size_t start = before.rfind('\n');
  const std::size_t column = start == std::string::npos ? before.size() : before.size() - start - 1;
  return {source, static_cast<int>(line), static_cast<int>(column) + 1};
}

}  // namespace

Node parse_yaml(const std::string& text, const std::string& source) {
  return parse(text, source, Format::yaml);
}

Node parse_json(const std::string& text, const std::string& source) {
  try {
    // Strictness comes from a JSON parser, positions from the YAML one, of which JSON is a subset.
    [[maybe_unused]] const auto strict = nlohmann::json::parse(text);
  } catch (const nlohmann::json::exception& e) {
    const auto* broken = dynamic_cast<const nlohmann::json::parse_error*>(&e);
    throw ConfigError({}, "While parsing config: " + std::string(e.what()) + " (" + source + ")",
                      {})
        .at(position_of(text, broken == nullptr ? 1 : broken->byte, source));
  }
  return parse(join_surrogates(text), source, Format::json);
}

}  // namespace rr::config
