// What the fields of a worker's answer mean for its framing, whatever HTTP version carries it
// (spec 02 §3.3, §3.4). Any thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

#include "rr/http.h"
#include "runtime/net/http/chars.h"
#include "runtime/net/http/response.h"

namespace rr::net::http {

enum class KnownField : std::uint8_t {
  other,
  connection,
  content_encoding,
  content_length,
  content_type,
  date,
  trailer,
  transfer_encoding,
};
KnownField recognise_field(std::string_view name);
// Content-Length, Transfer-Encoding, Connection: not for interim answers.
bool describes_framing(std::string_view name);
// A Trailer field among `fields` lists `name`, and it may be one.
bool listed_as_trailer(std::span<const HeaderView> fields, std::string_view name);
// `member` is in the comma list.
bool lists(std::string_view list, std::string_view member);

struct FieldFacts {
  std::int64_t length = -1;  // Content-Length, -1: absent or no number
  bool type = false;
  bool encoding = false;
  bool date = false;
  bool transfer = false;  // Transfer-Encoding, whatever it said
  bool identity = false;  // it said "identity"
  bool close = false;     // Connection: close
  bool connection = false;
  bool trailers = false;
};

// The body's type is to be found out.
inline bool wants_sniffing(const FieldFacts& facts, int status) {
  return !facts.type && !facts.encoding && !facts.transfer && !forbids_body(status);
}

// Calls emit(header) for each field but those about framing and the connection, and
// emit_trailer(header) for each that a Trailer field names; both say whether it was fit to send.
template <class Emit, class EmitTrailer>
FieldFacts sort_fields(std::span<const HeaderView> headers, int status, Emit&& emit,
                       EmitTrailer&& emit_trailer) {
  FieldFacts facts;
  std::size_t lengths = 0;
  const bool trailers = std::any_of(headers.begin(), headers.end(), [](const HeaderView& header) {
    return header.name.size() == 7 && recognise_field(header.name) == KnownField::trailer;
  });
  for (const HeaderView& header : headers) {
    switch (recognise_field(header.name)) {
      case KnownField::connection:
        facts.connection = true;
        facts.close |= lists(header.value, "close");
        continue;
      case KnownField::content_length: {
        const std::int64_t length =
            chars::parse_length(chars::trim<chars::is_sent_blank>(header.value));
        facts.length = lengths == 0 || facts.length == length ? length : -1;
        ++lengths;
        continue;
      }
      case KnownField::transfer_encoding: {
        const std::string_view coding = chars::trim<chars::is_sent_blank>(header.value);
        facts.transfer |= !coding.empty();
        facts.identity |= equals_ignoring_case(coding, "identity");
        continue;
      }
      case KnownField::trailer:
        continue;
      case KnownField::content_type:
        facts.type = true;
        if (status == 304) continue;
        break;
      case KnownField::content_encoding:
        facts.encoding |= !chars::trim<chars::is_sent_blank>(header.value).empty();
        break;
      case KnownField::date:
        facts.date = true;
        break;
      case KnownField::other:
        break;
    }
    if (trailers && listed_as_trailer(headers, header.name)) {
      facts.trailers |= emit_trailer(header);
      continue;
    }
    emit(header);
  }
  // RoadRunner's rule: a coding beside a length wins, "identity" is none.
  if (facts.transfer && !facts.identity) facts.length = -1;
  if (facts.length >= 0) facts.identity = false;
  return facts;
}

}  // namespace rr::net::http
