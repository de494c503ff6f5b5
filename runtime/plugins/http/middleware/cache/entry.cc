#include "runtime/plugins/http/middleware/cache/entry.h"

#include <algorithm>

#include "runtime/net/http/response.h"

namespace rr::http::cache {

std::string_view Entry::header(std::string_view name) const {
  for (const auto& [known, value] : headers) {
    if (net::http::equals_ignoring_case(known, name)) return value;
  }
  return {};
}

bool Entry::suits(const HttpRequest& request) const {
  return std::ranges::all_of(varies, [&](const auto& field) {
    return joined_field(request, field.first) == field.second;
  });
}

std::size_t Entry::bytes() const {
  constexpr std::size_t kOverhead = 512;
  std::size_t size = sizeof(Entry) + kOverhead + body.size();
  for (const Texts* texts : {&headers, &varies}) {
    for (const auto& [name, value] : *texts) size += name.size() + value.size() + 64;
  }
  return size;
}

std::string joined_field(const HttpRequest& request, std::string_view name) {
  std::string out;
  bool first = true;
  for (const HttpField& field : request.fields) {
    if (!net::http::equals_ignoring_case(request(field.name), name)) continue;
    if (!first) out += ", ";
    out += request(field.value);
    first = false;
  }
  return out;
}

}  // namespace rr::http::cache
