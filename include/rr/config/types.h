// Value types of configuration fields that the standard library lacks.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rr/config/errors.h"
#include "rr/config/node.h"

namespace rr::config {

// A size that RoadRunner writes as a number of MB (2^20 bytes); "64MB" and "2GB" are accepted too.
struct Megabytes {
  std::uint64_t count = 0;

  constexpr std::uint64_t bytes() const { return count << 20; }
  auto operator<=>(const Megabytes&) const = default;

  static constexpr std::string_view kTypeName = "MB";
  void decode(const Node& node, Errors& errors);
  std::string show() const { return std::to_string(count); }
};

// Permissions of a file, written in octal: 0660, '0660' or '660'.
struct FileMode {
  std::uint32_t bits = 0;

  auto operator<=>(const FileMode&) const = default;

  static constexpr std::string_view kTypeName = "file mode";
  void decode(const Node& node, Errors& errors);
  std::string show() const;
};

// A command line: a list is taken as it is; a lone string is split on commas, else on single
// spaces, without quoting or shell (spec 05 §4.2). Commas of an option (`php -d a=1,2 w.php`) do
// not split.
struct Command {
  std::vector<std::string> words;

  bool empty() const { return words.empty(); }
  bool operator==(const Command&) const = default;

  static constexpr std::string_view kTypeName = "string or list";
  void decode(const Node& node, Errors& errors);
  std::string show() const { return {}; }
  static std::vector<std::string> split(std::string_view line);
};

// Environment variables for a child: a map or a list of maps. Names arrive in upper case; values of
// the list form, which the loader leaves alone, are expanded here (issue 1989 of RoadRunner).
struct EnvMap {
  std::map<std::string, std::string> variables;

  bool operator==(const EnvMap&) const = default;

  static constexpr std::string_view kTypeName = "map of strings";
  void decode(const Node& node, Errors& errors);
  std::string show() const { return {}; }
};

}  // namespace rr::config
