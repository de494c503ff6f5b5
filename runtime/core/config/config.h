// The configuration of one run: file, environment, `-o`, includes put together (spec 05 §1).
// Loaded and decoded by one thread while starting; immutable afterwards and then free to share.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rr/config.h"
#include "runtime/core/config/dotenv.h"
#include "runtime/core/config/expand.h"

namespace rr::config {

// Who asks. A client only wants to know where the server listens: a missing file is an empty one, a
// missing version is "3", envfiles are not read.
enum class Use { serve, client };

// What `load` starts from.
struct Source {
  std::string file;                    // absolute path; empty: no file, `text` instead
  std::string text;                    // YAML that the program made up itself
  std::vector<std::string> overrides;  // `-o`, in order
  Use use = Use::serve;
  Environment environment = process_environment;
  std::function<void(const std::string& path)> dotenv = load_dotenv;  // what reads an envfile
};

class Config {
 public:
  // Sections as plugins see them: one that an included file has replaces the root's.
  const Node& root() const { return root_; }
  // Everything, included files merged key by key: what `rpc.Config` shows.
  const Node& merged() const { return merged_; }
  const std::string& version() const { return version_; }
  const std::string& file() const { return file_; }

  // Whether the key has a value; `section: {}` has one, `section:` has none.
  bool has(std::string_view path) const { return root_.find(path) != nullptr; }

  // Decodes and checks a section; its defaults when it is absent. Throws ConfigError with
  // RoadRunner's operations: `<name>_plugin_init`, then the decoding.
  template <config::Section T>
  T section(std::string_view name) {
    return section<T>(name, {std::string(name) + "_plugin_init", "config_plugin_unmarshal_key"});
  }
  // The same with other operations; the last one names the decoding.
  template <config::Section T>
  T section(std::string_view name, std::vector<std::string> ops) {
    T out;
    const Node* node = root_.find(name);
    if (node == nullptr) return out;
    Errors errors;
    Errors::Scope scope(errors, {}, *node);
    decode_value(*node, out, errors);
    keep_warnings(name, errors);
    errors.throw_if_any(std::move(ops));
    return out;
  }

  // What is odd but works, for the log; each is handed out once.
  std::vector<Problem> take_warnings() { return std::exchange(warnings_, {}); }
  void warn(Problem warning) { warnings_.push_back(std::move(warning)); }
  // The warnings that decoding a section left, under the section's name.
  void keep_warnings(std::string_view section, const Errors& errors);
  // Lines for stderr that RoadRunner prints while it loads.
  const std::vector<std::string>& notices() const { return notices_; }

 private:
  friend class Loader;

  std::string file_;
  std::string version_;
  Node root_;
  Node merged_;
  std::vector<Problem> warnings_;
  std::vector<std::string> notices_;
};

// Loads by the order of spec 05 §1.1, steps 7 to 12. Throws ConfigError; operations as `serve`
// prints them behind its own. Gives the file of the key `envfile` to `source.dotenv`.
Config load(const Source& source);

}  // namespace rr::config
