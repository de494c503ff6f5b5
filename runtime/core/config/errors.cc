#include "rr/config/errors.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace rr {

namespace {

std::string line_of(const config::Problem& problem, bool named, bool positions) {
  std::string line = named ? "'" + problem.path + "' " + problem.text : problem.text;
  const std::string at = problem.at.text();
  if (positions && !at.empty()) line += " (" + at + ")";
  return line;
}

}  // namespace

ConfigError::ConfigError(const std::string& path, std::string why)
    : cause_(path.empty() ? std::move(why) : path + ": " + why) {
  text_ = compose(false);
}

ConfigError::ConfigError(std::vector<std::string> ops, std::string text, std::string kind)
    : ops_(std::move(ops)), kind_(std::move(kind)), cause_(std::move(text)) {
  text_ = compose(false);
}

ConfigError ConfigError::mismatches(std::vector<std::string> ops,
                                    std::vector<config::Problem> problems) {
  ConfigError error(std::move(ops), {}, {});
  error.problems_ = std::move(problems);
  error.mismatches_ = true;
  error.text_ = error.compose(false);
  return error;
}

ConfigError ConfigError::failed(std::vector<std::string> ops, std::string kind,
                                std::vector<config::Problem> problems) {
  ConfigError error(std::move(ops), {}, std::move(kind));
  error.problems_ = std::move(problems);
  error.text_ = error.compose(false);
  return error;
}

ConfigError ConfigError::in(std::string op) && {
  ops_.insert(ops_.begin(), std::move(op));
  text_ = compose(false);
  return std::move(*this);
}

ConfigError ConfigError::bare() && {
  ops_.clear();
  kind_.clear();
  text_ = compose(false);
  return std::move(*this);
}

ConfigError ConfigError::at(config::Position where) && {
  where_ = std::move(where);
  return std::move(*this);
}

std::string ConfigError::with_positions() const {
  return compose(true);
}

std::string ConfigError::compose(bool positions) const {
  std::string text;
  for (std::size_t i = 0; i < ops_.size(); ++i) {
    text += ops_[i];
    text += ':';
    if (i == 0 && !kind_.empty()) text += " " + kind_ + ":";
    text += i + 1 < ops_.size() ? "\n\t" : " ";
  }
  if (problems_.empty()) {
    const std::string place = " (" + where_.text() + ")";
    const bool told = where_.source.empty() || cause_.ends_with(place);
    return text + cause_ + (positions && !told ? place : "");
  }
  // A section that is no map at all has no preamble.
  const bool whole = problems_.size() == 1 && problems_.front().path.empty();
  if (mismatches_ && !whole) text += "decoding failed due to the following error(s):\n\n";
  const char* separator = "";
  for (const config::Problem& problem : problems_) {
    text += separator + line_of(problem, mismatches_, positions);
    separator = "\n";
  }
  return text;
}

namespace config {

namespace {

// A value below a node: "pool.mode", "routes[1].path[0]". Null where the way ends.
const Node* locate(const Node& from, std::string_view way) {
  const Node* node = from.find(way);
  if (node != nullptr) return node;
  const std::size_t open = way.find('['), close = way.find(']', std::min(open, way.size()));
  if (close == std::string_view::npos) return nullptr;
  node = from.find(way.substr(0, open));
  if (node == nullptr) return nullptr;
  std::size_t index = 0;
  const char* const end = way.data() + close;
  if (std::from_chars(way.data() + open + 1, end, index).ptr != end) return nullptr;
  if (node->is(Node::Kind::list)) {
    if (index >= node->list().size()) return nullptr;
    node = &node->list()[index];
  }  // else a lone value, which stands for a list of one
  way.remove_prefix(close + 1);
  if (way.empty()) return node;
  const Node* further = way.front() == '.' ? locate(*node, way.substr(1)) : nullptr;
  return further == nullptr ? node : further;
}

}  // namespace

Problem Errors::problem(std::string_view key, std::string why) const {
  Problem found{{}, std::move(why), {}};
  for (const Frame& frame : frames_) {
    // An index follows its list without a dot: "serve[0].prefix".
    if (!found.path.empty() && !frame.key.starts_with('[')) found.path += '.';
    found.path += frame.key;
  }
  const Node* node = frames_.empty() ? nullptr : frames_.back().node;
  if (!key.empty()) {
    if (!found.path.empty()) found.path += '.';
    found.path += key;
    const Node* child = node == nullptr ? nullptr : locate(*node, key);
    if (child != nullptr) node = child;
  }
  if (node != nullptr) found.at = node->at();
  return found;
}

bool Errors::require(bool ok, std::string_view key, std::string_view why, As as) {
  if (ok) return true;
  if (failed_.empty()) {
    kind_ = as.kind;
    op_ = as.op;
  }
  failed_.push_back(problem(key, std::string(why)));
  return false;
}

void Errors::mismatch(std::string why) {
  mismatches_.push_back(problem({}, std::move(why)));
}

void Errors::warn(std::string_view key, std::string why) {
  warnings_.push_back(problem(key, std::move(why)));
}

void Errors::throw_if_any(std::vector<std::string> ops) const {
  if (!mismatches_.empty()) {
    std::vector<Problem> all = mismatches_;
    all.insert(all.end(), failed_.begin(), failed_.end());
    throw ConfigError::mismatches(std::move(ops), std::move(all));
  }
  if (failed_.empty()) return;
  if (!ops.empty()) ops.pop_back();
  if (!op_.empty()) ops.push_back(op_);
  throw ConfigError::failed(std::move(ops), kind_, failed_);
}

}  // namespace config
}  // namespace rr
