#include "rr/http.h"

namespace rr {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool same_name(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

}  // namespace

std::string_view protocol_name(HttpVersion version) {
  switch (version) {
    case HttpVersion::http10:
      return "HTTP/1.0";
    case HttpVersion::http11:
      return "HTTP/1.1";
    case HttpVersion::http2:
      return "HTTP/2.0";
    case HttpVersion::http3:
      return "HTTP/3.0";
  }
  return "HTTP/1.1";
}

std::string_view HttpRequest::field(std::string_view name) const {
  for (const HttpField& field : fields) {
    if (same_name((*this)(field.name), name)) return (*this)(field.value);
  }
  return {};
}

}  // namespace rr
