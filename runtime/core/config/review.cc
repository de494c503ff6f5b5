#include "runtime/core/config/review.h"

#include <algorithm>
#include <numeric>

#include "runtime/core/config/roadrunner_keys.h"

namespace rr::config {

namespace {

const RoadRunnerKey* roadrunner_key(std::string_view path) {
  for (const RoadRunnerKey& key : roadrunner_keys()) {
    if (key.path == path) return &key;
  }
  return nullptr;
}

class Review {
 public:
  std::vector<Finding> run(const Node& root, const std::vector<Description>& known) {
    storages_ = root.find("kv");
    Description whole;
    whole.children = known;
    whole.children.insert(whole.children.end(), root_keys().begin(), root_keys().end());
    walk(root, whole, {});
    return std::move(found_);
  }

 private:
  void walk(const Node& map, const Description& description, const std::string& path) {
    if (!map.is(Node::Kind::map)) return;
    for (const Node::Entry& entry : map.map()) {
      if (entry.value.is_null() || (path.empty() && is_own(entry.key))) continue;
      const std::string full = path.empty() ? entry.key : path + "." + entry.key;
      if (const Description* child = description.find(entry.key)) {
        descend(entry.value, *child, full);
      } else {
        report(entry, description, path, full);
      }
    }
  }

  // Of the root, what is no section by intent: anchors, and what a kv storage of this name that has
  // no `config` of its own is set up by.
  bool is_own(std::string_view key) const {
    if (key.starts_with("x-")) return true;
    const Node* storage = storages_ == nullptr ? nullptr : storages_->find(key);
    return storage != nullptr && storage->find("config") == nullptr;
  }

  void descend(const Node& value, const Description& description, const std::string& path) {
    if (description.children.empty()) return;
    if (description.named && value.is(Node::Kind::map)) {
      for (const Node::Entry& item : value.map())
        walk(item.value, description, path + "." + item.key);
    } else if (description.listed && value.is(Node::Kind::list)) {
      for (std::size_t i = 0; i < value.list().size(); ++i) {
        walk(value.list()[i], description, path + "[" + std::to_string(i) + "]");
      }
    } else {
      walk(value, description, path);
    }
  }

  void report(const Node::Entry& entry, const Description& siblings, const std::string& path,
              const std::string& full) {
    using enum Finding::Kind;
    const RoadRunnerKey* key = roadrunner_key(full);
    if (key == nullptr) {
      add(unknown, full, "unknown key" + suggestion(entry.key, siblings, path), entry);
    } else if (key->fate == Fate::planned) {
      add(planned, full, "known to RoadRunner, not built yet in rr-embed: it has no effect", entry);
    } else if (key->fate == Fate::no_effect) {
      add(no_effect, full, "accepted as in RoadRunner, without effect", entry);
    }
  }

  void add(Finding::Kind kind, const std::string& path, std::string text,
           const Node::Entry& entry) {
    found_.push_back({{path, std::move(text), entry.place()}, kind});
  }

  static std::string suggestion(std::string_view key, const Description& siblings,
                                const std::string& path) {
    std::vector<std::string_view> candidates;
    for (const Description& sibling : siblings.children) candidates.push_back(sibling.key);
    for (const RoadRunnerKey& known : roadrunner_keys()) {
      const std::size_t dot = known.path.find_last_of('.');
      const std::string_view parent =
          dot == std::string_view::npos ? "" : known.path.substr(0, dot);
      if (parent == path && known.fate != Fate::retired)
        candidates.push_back(known.path.substr(dot == std::string_view::npos ? 0 : dot + 1));
    }
    const std::string_view near = nearest(key, candidates);
    return near.empty() ? "" : ", did you mean \"" + std::string(near) + "\"?";
  }

  const Node* storages_ = nullptr;  // of the root at hand
  std::vector<Finding> found_;
};

}  // namespace

const std::vector<Description>& root_keys() {
  const auto key = [](std::string_view name, std::string_view type, std::string_view meaning) {
    Description out;
    out.key = name;
    out.type = type;
    out.meaning = meaning;
    return out;
  };
  static const std::vector<Description> all{
      key("version", "string", "version of the format: '3'; required"),
      key("include", "list of strings",
          "more files; each of their sections replaces the whole section of this one"),
      key("envfile", "string",
          "variables in dotenv form, relative to the folder of this file; those that the server "
          "has already are kept"),
      key("plugins", "list of strings", "libraries with plugins of others (docs/plugins.md)"),
  };
  return all;
}

std::vector<Finding> review(const Node& root, const std::vector<Description>& known) {
  return Review().run(root, known);
}

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before, row(b.size() + 1), next(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    next[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      next[j + 1] = std::min({row[j + 1] + 1, next[j] + 1, row[j] + (a[i] != b[j])});
      if (i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j]) {
        next[j + 1] = std::min(next[j + 1], before[j - 1] + 1);
      }
    }
    before = row;
    row = next;
  }
  return row.back();
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  std::string_view best;
  std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    const std::size_t steps = distance(word, candidate);
    if (steps < least) {
      least = steps;
      best = candidate;
    }
  }
  return best;
}

}  // namespace rr::config
