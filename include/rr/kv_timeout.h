// When a key ends, as clients write it: RFC 3339, read as Go reads it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "rr/result.h"

namespace rr::keyvalue {

// Microseconds since 1970, UTC.
using Moment = std::int64_t;
inline constexpr Moment kNever = 0;

Moment now();

// A moment, and how its offset was written, so that TTL gives back what was set. Plain value.
struct Timeout {
  Moment at = kNever;
  std::int16_t offset = 0;  // minutes east of UTC
  bool zulu = false;        // "Z", where the offset is 0

  bool is_set() const { return at != kNever; }
};

// Errors have Go's words; empty text is none of the format either.
Result<Timeout> parse_timeout(std::string_view text);

// To whole seconds; nothing for one that is not set.
std::string to_text(const Timeout& timeout);

// A moment of the years 1 to 9999 with its fraction, as KvItem::timeout.
struct ExactText {
  explicit ExactText(Moment at);
  operator std::string_view() const { return {text, sizeof text}; }

  char text[27];  // "2031-01-02T15:04:05.123456Z"
};

// A key of white space alone, which most calls refuse (Go's strings.TrimSpace).
bool is_blank(std::string_view key);

}  // namespace rr::keyvalue
