#include "runtime/net/http/field_rules.h"

namespace rr::net::http {
namespace {

// Fields a recipient needs before the body; RFC 9110 §6.5.1 forbids them in trailers.
bool may_be_trailer(std::string_view name) {
  static constexpr std::string_view kNever[] = {
      "authorization",
      "cache-control",
      "connection",
      "content-encoding",
      "content-length",
      "content-range",
      "content-type",
      "expect",
      "host",
      "keep-alive",
      "max-forwards",
      "pragma",
      "proxy-authenticate",
      "proxy-authorization",
      "proxy-connection",
      "range",
      "te",
      "trailer",
      "transfer-encoding",
      "www-authenticate",
      "set-cookie",
      "date",
      "location",
  };
  return std::none_of(std::begin(kNever), std::end(kNever),
                      [name](std::string_view never) { return equals_ignoring_case(name, never); });
}

}  // namespace

KnownField recognise_field(std::string_view name) {
  const auto either = [name](std::string_view lower, KnownField field) {
    return chars::same_name(name, lower) ? field : KnownField::other;
  };
  switch (name.size()) {
    case 4:
      return either("date", KnownField::date);
    case 7:
      return either("trailer", KnownField::trailer);
    case 10:
      return either("connection", KnownField::connection);
    case 12:
      return either("content-type", KnownField::content_type);
    case 14:
      return either("content-length", KnownField::content_length);
    case 16:
      return either("content-encoding", KnownField::content_encoding);
    case 17:
      return either("transfer-encoding", KnownField::transfer_encoding);
    default:
      return KnownField::other;
  }
}

bool describes_framing(std::string_view name) {
  const KnownField known = recognise_field(name);
  return known == KnownField::content_length || known == KnownField::transfer_encoding ||
         known == KnownField::connection;
}

bool listed_as_trailer(std::span<const HeaderView> fields, std::string_view name) {
  for (const HeaderView& header : fields) {
    if (recognise_field(header.name) != KnownField::trailer) continue;
    if (lists(header.value, name)) return may_be_trailer(name);
  }
  return false;
}

bool lists(std::string_view list, std::string_view member) {
  while (!list.empty()) {
    if (equals_ignoring_case(chars::next_member<chars::is_sent_blank>(list), member)) return true;
  }
  return false;
}

}  // namespace rr::net::http
