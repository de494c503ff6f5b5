// application/x-www-form-urlencoded bodies and URL queries, as Go's url.ParseQuery takes them apart
// (spec 02 §2.5). Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rr/http.h"
#include "rr/result.h"

namespace rr::http {

inline constexpr std::size_t kMaxPairs = 10000;

// Appends the decoded pairs of `text` in their order. Names and values are views into `text` or
// into `storage`, which must not change afterwards. Error texts: `invalid URL escape "%zz"`,
// `invalid semicolon separator in query`, `number of URL query parameters exceeded limit`.
Result<void> parse_urlencoded(std::string_view text, std::string& storage,
                              std::vector<HeaderView>& pairs);

// The same check without keeping anything.
Result<void> check_urlencoded(std::string_view text);

}  // namespace rr::http
