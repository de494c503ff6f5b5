// Patterns for names of files.
#pragma once

#include <string_view>

namespace rr {

// Whether the whole path matches: `*` and `?` stop at slashes, `**` does not, `**/` is also nothing
// at all ("**/*.php" takes "a.php").
bool glob_matches(std::string_view pattern, std::string_view path);

// An entry of a list of what to leave out, as in .gitignore: without a slash it is the name of a
// file or folder at any depth, else a path from the top; a slash at its end does not count. The
// folders above `path` are not looked at.
bool is_ignored_by(std::string_view entry, std::string_view path);

}  // namespace rr
