// What is wrong with a configuration: collected while a section is decoded, thrown as one
// ConfigError.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "rr/config/node.h"

namespace rr {

namespace config {

// One finding: the key ("http.pool.num_workers"), what is wrong, where it was written.
struct Problem {
  std::string path;
  std::string text;
  Position at;
};

}  // namespace config

// A configuration that cannot be used, or a start that failed: thrown while starting, caught once,
// by the command line. Its text follows RoadRunner's rule "op: Kind: cause": operations are joined
// by
// ":\n\t" and the kind stands behind the outermost one (spec 05 §1.8).
class ConfigError : public std::exception {
 public:
  ConfigError(const std::string& path, std::string why);
  ConfigError(std::vector<std::string> ops, std::string text, std::string kind = {});

  // The values of a section that do not fit their types, one line each.
  static ConfigError mismatches(std::vector<std::string> ops,
                                std::vector<config::Problem> problems);
  // The checks of a section that failed, one line each.
  static ConfigError failed(std::vector<std::string> ops, std::string kind,
                            std::vector<config::Problem> problems);

  // The same error seen from an outer operation.
  ConfigError in(std::string op) &&;
  // The same error without its operations, as client commands print it.
  ConfigError bare() &&;

  // RoadRunner's text, byte for byte where scripts may parse it.
  const char* what() const noexcept override { return text_.c_str(); }
  // The same text with file:line:column behind every line that has a place.
  std::string with_positions() const;
  const std::vector<config::Problem>& problems() const { return problems_; }

  // Where a text that names no keys is about; unknown unless set.
  ConfigError at(config::Position where) &&;
  const config::Position& where() const { return where_; }

 private:
  std::string compose(bool positions) const;

  std::vector<std::string> ops_;
  std::string kind_;
  std::string cause_;
  std::vector<config::Problem> problems_;
  config::Position where_;
  bool mismatches_ = false;  // the problems are named by their keys
  std::string text_;
};

namespace config {

// Collects the findings of one section while it is decoded and checked. Keys given to it are
// relative to the struct at hand; it knows the way there. Not thread-safe.
class Errors {
 public:
  // How RoadRunner dresses a failed check: a kind ("Init error") and an inner operation.
  struct As {
    std::string_view kind;
    std::string_view op;
  };
  // Notes `why` against `key` unless `ok`; returns `ok`.
  bool require(bool ok, std::string_view key, std::string_view why) {
    return require(ok, key, why, {});
  }
  bool require(bool ok, std::string_view key, std::string_view why, As as);
  // A value that does not fit its type: RoadRunner's words after `'key.path' `.
  void mismatch(std::string why);
  // Something odd that works: reported once, as a log record of `serve`.
  void warn(std::string_view key, std::string why);

  // Descends to a value for the time of the returned object's life.
  class Scope {
   public:
    Scope(Errors& errors, std::string_view key, const Node& node) : errors_(errors) {
      errors_.frames_.push_back({std::string(key), &node});
    }
    ~Scope() { errors_.frames_.pop_back(); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Errors& errors_;
  };

  // How many values or checks failed so far.
  std::size_t count() const { return mismatches_.size() + failed_.size(); }
  const std::vector<Problem>& mismatches() const { return mismatches_; }
  const std::vector<Problem>& warnings() const { return warnings_; }

  // Throws what was collected as one error of the operations `ops`; a failed check as an error of
  // the operations without the last one, which names the decoding.
  void throw_if_any(std::vector<std::string> ops) const;

 private:
  struct Frame {
    std::string key;
    const Node* node;  // borrowed from the tree that is being decoded
  };
  Problem problem(std::string_view key, std::string why) const;

  std::vector<Frame> frames_;
  std::vector<Problem> mismatches_;
  std::vector<Problem> failed_;
  std::vector<Problem> warnings_;
  std::string kind_;  // of the first failed check
  std::string op_;
};

}  // namespace config
}  // namespace rr
