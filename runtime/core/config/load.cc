#include <sys/stat.h>

#include <filesystem>

#include "runtime/core/config/config.h"
#include "runtime/core/config/dotenv.h"
#include "runtime/core/config/files.h"
#include "runtime/core/config/overrides.h"
#include "runtime/core/config/yaml.h"

namespace rr::config {

namespace {

constexpr const char* kOp = "config_plugin_init";
constexpr std::string_view kOldVersion =
    "please, update your configuration version from version: '2.7' to version: '3', see changes "
    "here: "
    "https://docs.roadrunner.dev/docs/general/compatibility#v3.0-configuration-and-rr-v2023.x.x";

std::string extension_of(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  const std::string name = path.substr(slash == std::string::npos ? 0 : slash + 1);
  const std::size_t dot = name.find_last_of('.');
  return dot == std::string::npos ? "" : name.substr(dot + 1);
}

Node parse_file(const std::string& path) {
  const std::string extension = extension_of(path);
  if (extension == "yaml" || extension == "yml") return parse_yaml(read_file(path), path);
  if (extension == "json") return parse_json(read_file(path), path);
  if (std::filesystem::is_directory(path)) read_file(path);  // says so
  throw ConfigError({}, "Unsupported Config Type \"" + extension + "\"", {});
}

bool exists(const std::string& path) {
  struct stat ignored;
  return ::stat(path.c_str(), &ignored) == 0;
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text + " ") {
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, {}));
    }
  }
  return words;
}

}  // namespace

class Loader {
 public:
  explicit Loader(const Source& source) : source_(source) {}

  Config load() {
    out_.file_ = source_.file;
    read();
    envfile();
    expand_all(root());
    own_ = root();
    for (const std::string& argument : source_.overrides) apply(argument);
    version();
    out_.merged_ = out_.root_;
    try {
      include();
    } catch (ConfigError& e) {
      if (source_.use == Use::client) {
        throw ConfigError({}, std::string("failed to handle includes: ") + e.what(), {});
      }
      throw std::move(e).in(kOp);
    }
    return std::move(out_);
  }

 private:
  Node& root() { return out_.root_; }

  void read() {
    if (source_.file.empty()) {
      root() = parse_yaml(source_.text, "the configuration made for this run");
    } else if (source_.use == Use::client && !exists(source_.file)) {
      root() = Node(Node::Map{}, {source_.file, 0, 0});
    } else {
      root() = parse_file(source_.file);
    }
  }

  void envfile() {
    const Node* name = root().find("envfile");
    if (name == nullptr || !name->is(Node::Kind::text) || source_.use == Use::client) return;
    const auto folder = std::filesystem::path(source_.file).parent_path();
    try {
      load_dotenv((folder / name->text()).string());
    } catch (ConfigError& e) {
      throw std::move(e).in(kOp);
    }
  }

  void expand_all(Node& node) {
    expand(node, source_.environment, [&](const Node& list) {
      out_.warn({{}, "a list that mixes texts with other values keeps only its texts", list.at()});
    });
  }

  void apply(const std::string& argument) {
    try {
      Override parsed = parse_override(argument);
      const Position at{"-o " + argument, 0, 0};
      root().set(parsed.key, Node(expand(parsed.value, source_.environment), at));
    } catch (ConfigError& e) {
      throw std::move(e).in(kOp);
    }
  }

  void version() {
    const Node* version = root().find("version");
    if (version == nullptr) {
      out_.version_ = "3";
      if (source_.use == Use::client || source_.file.empty()) return;
      throw ConfigError({}, "rr configuration file should contain a version e.g: version: 3", {});
    }
    if (!version->is(Node::Kind::text)) {
      throw ConfigError({kOp},
                        "version should be a string: `version: \"3\"`, actual type is: " +
                            std::string(go_type(*version)),
                        {})
          .at(version->at());
    }
    out_.version_ = version->text();
    if (out_.version_ == "2.7") {
      out_.notices_.emplace_back(kOldVersion);
    } else if (out_.version_ != "3") {
      out_.warn({"version",
                 "unknown configuration version \"" + out_.version_ + "\", read as version 3",
                 version->at()});
    }
  }

  void include() {
    const Node* include = root().find("include");
    if (include == nullptr) return;
    std::vector<std::string> files;
    if (include->is(Node::Kind::text)) {
      files = words_of(include->text());
    } else {
      Errors errors;
      Errors::Scope scope(errors, "include", *include);
      decode_value(*include, files, errors);
      errors.throw_if_any({});
    }
    for (const std::string& file : files) {
      try {
        include_file(file);
      } catch (ConfigError& e) {
        if (!e.where().source.empty()) throw;
        throw std::move(e).at(include->at());
      }
    }
  }

  void include_file(const std::string& file) {
    Node included = parse_file(file);
    const Node* version = included.find("version");
    if (version == nullptr) {
      throw ConfigError({}, "rr configuration file should contain a version e.g: version: 2.7", {})
          .at({file, 0, 0});
    }
    if (!version->is(Node::Kind::text)) {
      throw ConfigError(
          {}, "type of version should be string, actual: " + std::string(go_type(*version)), {})
          .at(version->at());
    }
    if (version->text() != out_.version_) {
      throw ConfigError({}, "version in included file must be the same as in root", {})
          .at(version->at());
    }
    expand_all(included);
    for (Node::Entry& entry : included.map()) {
      if (entry.key == "version" || entry.key == "include" || entry.value.is_null()) continue;
      warn_shadowed(entry);
      // Of several included files with a section the last one counts, and it hides `-o`.
      out_.merged_.set(entry.key, merged_with(own_, entry));
      root().set(entry.key, std::move(entry.value));
    }
  }

  static Node merged_with(const Node& whole, const Node::Entry& entry) {
    const Node* known = whole.find(entry.key);
    Node merged = known == nullptr ? Node() : *known;
    merged.merge(entry.value);
    return merged;
  }

  // Keys that the root has in this section and the included file has not: they are gone for
  // plugins.
  void warn_shadowed(const Node::Entry& entry) {
    const Node* known = root().find(entry.key);
    if (known == nullptr || !known->is(Node::Kind::map)) return;
    for (const Node::Entry& old : known->map()) {
      if (old.value.is_null() || entry.value.find(old.key) != nullptr) continue;
      out_.warn({entry.key + "." + old.key,
                 "has no effect: the section was replaced by the included one at " +
                     entry.value.at().text(),
                 old.value.at()});
    }
  }

  const Source& source_;
  Node own_;  // the file itself, expanded
  Config out_;
};

Config load(const Source& source) {
  return Loader(source).load();
}

void Config::keep_warnings(std::string_view section, const Errors& errors) {
  for (Problem warning : errors.warnings()) {
    warning.path = std::string(section) + (warning.path.empty() ? "" : "." + warning.path);
    warnings_.push_back(std::move(warning));
  }
}

}  // namespace rr::config
