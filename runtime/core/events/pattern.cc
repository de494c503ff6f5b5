#include "runtime/core/events/pattern.h"

#include <algorithm>

namespace rr::events {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return out;
}

}  // namespace

Result<Pattern> Pattern::parse(std::string_view text) {
  if (text.empty()) return Error(Errc::invalid, "", "the pattern can't be empty");
  const std::string all = lower(text);
  Pattern pattern;
  const std::size_t star = all.find('*');
  if (star == std::string::npos && all.find('.') == std::string::npos) {
    return Error(Errc::invalid, "",
                 "wrong wildcard, no * or . Usage: http.Event or *.Event or http.*");
  }
  pattern.star_ = star != std::string::npos;
  pattern.before_ = all.substr(0, star);
  if (pattern.star_) pattern.after_ = all.substr(star + 1);
  return pattern;
}

bool Pattern::matches(std::string_view plugin, std::string_view type) const {
  const std::string name = lower(plugin) + "." + lower(type);
  if (!star_) return name == before_;
  return name.size() >= before_.size() + after_.size() && name.starts_with(before_) &&
         name.ends_with(after_);
}

}  // namespace rr::events
