// What `http.routes` may say about hosts and paths.
#pragma once

#include <string>
#include <string_view>

#include "rr/result.h"

namespace rr::http::routes {

// Values. Errors say what is wrong with the text and what to write instead.
class PathPattern {
 public:
  // "/api": that path and all below it; "=/api": that path alone; with stars the whole path must
  // match: `*` stops at slashes, `**` is any number of segments, none too. A slash at the end does
  // not count. Written as the path reads decoded.
  static Result<PathPattern> parse(std::string_view text);

  // One of Path::readings().
  bool matches(std::string_view path) const;
  // Nothing that `other` matches is missed. May be said of fewer than it is true of.
  bool covers(const PathPattern& other) const;

 private:
  enum class Kind { exact, below, glob };
  PathPattern(Kind kind, std::string text) : kind_(kind), text_(std::move(text)) {}

  Kind kind_;
  std::string text_;  // of `below` without a slash at its end: empty for "/"
};

class HostPattern {
 public:
  // "example.com"; "*.example.com": every host below it, not itself; "[::1]". Without a port.
  static Result<HostPattern> parse(std::string_view text);

  // A host as bare_host() leaves it, letters in any case.
  bool matches(std::string_view host) const;
  bool covers(const HostPattern& other) const;

 private:
  std::string name_;  // in lower case
  bool below_ = false;
};

// Without a port and a dot at its end.
std::string_view bare_host(std::string_view authority);

}  // namespace rr::http::routes
