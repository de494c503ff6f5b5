#include "runtime/core/glob.h"

namespace rr {

// Backtracks to the last star only, and to the last double star from there: a later one always does
// as well as an earlier one.
bool glob_matches(std::string_view pattern, std::string_view path) {
  constexpr auto kNone = std::string_view::npos;
  std::size_t p = 0, at = 0;
  std::size_t star = kNone,
              star_at = 0;  // behind the star in the pattern; where it ends in the path
  std::size_t deep = kNone, deep_at = 0;  // the same of `**`
  while (at < path.size() || p < pattern.size()) {
    if (pattern.substr(p).starts_with("**")) {
      p += 2;
      const bool whole = p < pattern.size() && pattern[p] == '/';
      if (whole) ++p;  // any number of folders: at the beginning of one from here on
      deep = p;
      deep_at = at;
      star = kNone;
      continue;
    }
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      star_at = at;
      continue;
    }
    if (p < pattern.size() && at < path.size() &&
        (pattern[p] == path[at] || (pattern[p] == '?' && path[at] != '/'))) {
      ++p;
      ++at;
      continue;
    }
    if (star != kNone && star_at < path.size() && path[star_at] != '/') {
      p = star;
      at = ++star_at;
      continue;
    }
    if (deep == kNone) return false;
    // Behind `**/` only where a name begins.
    const bool names = deep >= 3 && pattern[deep - 1] == '/';
    do {
      if (deep_at >= path.size()) return false;
      ++deep_at;
    } while (names && path[deep_at - 1] != '/');
    p = deep;
    at = deep_at;
    star = kNone;
  }
  return true;
}

bool is_ignored_by(std::string_view entry, std::string_view path) {
  if (entry.ends_with('/')) entry.remove_suffix(1);
  if (entry.empty()) return false;
  if (entry.find('/') == std::string_view::npos) {
    return glob_matches(entry, path.substr(path.rfind('/') + 1));
  }
  if (entry.starts_with('/')) entry.remove_prefix(1);
  return glob_matches(entry, path);
}

}  // namespace rr
