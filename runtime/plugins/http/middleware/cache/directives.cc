#include "runtime/plugins/http/middleware/cache/directives.h"

#include <algorithm>

#include "runtime/net/http/chars.h"
#include "runtime/net/http/response.h"
#include "runtime/plugins/http/ascii.h"

namespace rr::http::cache {
namespace {

namespace chars = net::http::chars;

bool is(std::string_view name, std::string_view other) {
  return net::http::equals_ignoring_case(name, other);
}

// Takes a quoted string off the front, quotes and escapes resolved.
std::string take_quoted(std::string_view& text) {
  std::string out;
  text.remove_prefix(1);
  while (!text.empty() && text.front() != '"') {
    if (text.front() == '\\' && text.size() > 1) text.remove_prefix(1);
    out += text.front();
    text.remove_prefix(1);
  }
  if (!text.empty()) text.remove_prefix(1);
  return out;
}

}  // namespace

void Directives::add(std::string_view field) {
  while (!field.empty()) {
    const auto end = std::min(field.find_first_of("=,"), field.size());
    Directive directive;
    for (const char c : chars::trim(field.substr(0, end))) directive.name += ascii::lower(c);
    const bool valued = end < field.size() && field[end] == '=';
    field.remove_prefix(std::min(end + 1, field.size()));
    if (valued) {
      while (!field.empty() && chars::is_blank(field.front())) field.remove_prefix(1);
      if (field.starts_with('"')) directive.value = take_quoted(field);
      const auto comma = std::min(field.find(','), field.size());
      if (directive.value.empty()) directive.value = chars::trim(field.substr(0, comma));
      field.remove_prefix(std::min(comma + 1, field.size()));
    }
    if (!directive.name.empty() && find(directive.name) == nullptr)
      all_.push_back(std::move(directive));
  }
}

const Directives::Directive* Directives::find(std::string_view name) const {
  const auto found = std::ranges::find(all_, name, &Directive::name);
  return found == all_.end() ? nullptr : &*found;
}

std::optional<std::int64_t> Directives::seconds(std::string_view name) const {
  constexpr std::int64_t kMost = std::int64_t{1} << 31;
  const Directive* directive = find(name);
  if (directive == nullptr) return std::nullopt;
  const bool digits = !directive->value.empty() &&
                      directive->value.find_first_not_of("0123456789") == std::string::npos;
  if (!digits) return 0;
  const std::int64_t value = chars::parse_length(directive->value);
  return value < 0 ? kMost : std::min(value, kMost);
}

Directives directives_of(const HttpRequest& request) {
  Directives out;
  for (const HttpField& field : request.fields) {
    if (is(request(field.name), "Cache-Control")) out.add(request(field.value));
  }
  if (out.empty() && request.field("Pragma").find("no-cache") != std::string_view::npos)
    out.add("no-cache");
  return out;
}

Directives directives_of(std::span<const HeaderView> headers) {
  Directives out;
  for (const HeaderView& header : headers) {
    if (is(header.name, "Cache-Control")) out.add(header.value);
  }
  return out;
}

}  // namespace rr::http::cache
