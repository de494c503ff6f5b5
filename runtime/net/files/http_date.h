// Dates of HTTP fields (RFC 9110 §5.6.7). Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rr::net::files {

// Seconds since 1970 of a date in one of the three forms: IMF-fixdate, RFC 850, asctime. Nothing
// for anything else.
std::optional<std::int64_t> parse_http_date(std::string_view text);

// "Thu, 01 Jan 1970 00:00:00 GMT"
std::string http_date(std::int64_t seconds);

}  // namespace rr::net::files
