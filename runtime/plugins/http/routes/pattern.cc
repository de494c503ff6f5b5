#include "runtime/plugins/http/routes/pattern.h"

#include <utility>

#include "runtime/core/glob.h"
#include "runtime/plugins/http/ascii.h"

namespace rr::http::routes {
namespace {

constexpr std::string_view kOpen = "/**";  // at the end: what is before it, and all below

Error wrong(std::string_view pattern, std::string_view why) {
  return Error(Errc::invalid, "",
               "\"" + std::string(pattern) + "\" is no path of a route: " + std::string(why));
}

// What no reading of a path can have, or what would mean something else to its reader. Null: fine.
const char* odd_character(std::string_view path) {
  for (const char c : path) {
    if (c == '%') return "write it as it reads decoded, without %";
    if (c == '?' || c == '#')
      return "routes look at the path alone: neither ? nor # is a part of it";
    if (c == '\\') return "paths have slashes, not backslashes";
    if (ascii::byte(c) < 0x20 || c == '\x7f') return "it has a control character";
  }
  return nullptr;
}

// Calls `each` with every segment until one gives a text.
template <class Each>
const char* first_of_segments(std::string_view path, Each each) {
  for (std::string_view rest = path.substr(1);;) {
    const std::size_t slash = rest.find('/');
    if (const char* why = each(rest.substr(0, slash))) return why;
    if (slash == rest.npos) return nullptr;
    rest.remove_prefix(slash + 1);
  }
}

bool is_below(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

bool same_host(std::string_view name, std::string_view host) {
  if (name.size() != host.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] != ascii::lower(host[i])) return false;
  }
  return true;
}

}  // namespace

Result<PathPattern> PathPattern::parse(std::string_view text) {
  std::string_view path = text;
  const bool exact = path.starts_with('=');
  if (exact) path.remove_prefix(1);
  if (!path.starts_with('/')) return wrong(text, "it begins with a slash, or with =/");
  if (const char* why = odd_character(path)) return wrong(text, why);
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  const bool stars = !exact && path.find('*') != path.npos;
  const char* why = first_of_segments(path, [&](std::string_view segment) -> const char* {
    if (segment.empty() && path.size() > 1) return "it has two slashes in a row";
    if (segment == "." || segment == "..") return "no path that is let in has \".\" or \"..\"";
    if (stars && segment != "**" && segment.find("**") != segment.npos)
      return "** stands alone between two slashes";
    return nullptr;
  });
  if (why) return wrong(text, why);
  if (exact) return PathPattern(Kind::exact, std::string(path));
  const std::string_view folder = path.substr(0, path.size() - (path.ends_with(kOpen) ? 3 : 0));
  if (folder.find('*') == folder.npos)
    return PathPattern(Kind::below, folder == "/" ? "" : std::string(folder));
  return PathPattern(Kind::glob, std::string(path));
}

bool PathPattern::matches(std::string_view path) const {
  switch (kind_) {
    case Kind::exact:
      return path == text_;
    case Kind::below:
      return !path.empty() && is_below(path, text_);
    case Kind::glob:
      break;
  }
  if (glob_matches(text_, path)) return true;
  const std::string_view text = text_;
  return text.ends_with(kOpen) && glob_matches(text.substr(0, text.size() - kOpen.size()), path);
}

bool PathPattern::covers(const PathPattern& other) const {
  if (kind_ == other.kind_ && text_ == other.text_) return true;
  if (kind_ == Kind::exact) return false;
  if (other.kind_ == Kind::exact) return matches(other.text_);
  if (kind_ == Kind::glob) return false;
  if (other.kind_ == Kind::below) return is_below(other.text_, text_);
  // What stands before the segment with the first star is the same in all that matches.
  return is_below(other.text_.substr(0, other.text_.rfind('/', other.text_.find('*'))), text_);
}

Result<HostPattern> HostPattern::parse(std::string_view text) {
  const auto wrong = [&](std::string_view why) {
    return Error(Errc::invalid, "",
                 "\"" + std::string(text) + "\" is no host of a route: " + std::string(why));
  };
  HostPattern pattern;
  std::string_view name = text;
  if (name.starts_with("*.")) {
    pattern.below_ = true;
    name.remove_prefix(2);
  }
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty()) return wrong("it is empty");
  if (bare_host(name) != name) return wrong("write it without a port");
  const bool v6 = name.front() == '[' && !pattern.below_;
  for (const char c : name) {
    if (c == '*') return wrong("a star stands for the first part of a name: *.example.com");
    const bool plain = (ascii::lower(c) >= 'a' && ascii::lower(c) <= 'z') ||
                       (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    if (!plain && !(v6 && (c == '[' || c == ']' || c == ':')))
      return wrong("names have letters of ASCII (xn--…), digits, dots and hyphens");
    pattern.name_ += ascii::lower(c);
  }
  return pattern;
}

bool HostPattern::matches(std::string_view host) const {
  if (!below_) return same_host(name_, host);
  return host.size() > name_.size() + 1 && host[host.size() - name_.size() - 1] == '.' &&
         same_host(name_, host.substr(host.size() - name_.size()));
}

bool HostPattern::covers(const HostPattern& other) const {
  if (below_ && other.below_) return matches("x." + other.name_);
  return !other.below_ && matches(other.name_);
}

std::string_view bare_host(std::string_view authority) {
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  if (colon != authority.npos && (bracket == authority.npos || colon > bracket))
    authority = authority.substr(0, colon);
  if (authority.ends_with('.')) authority.remove_suffix(1);
  return authority;
}

}  // namespace rr::http::routes
