// Conditional requests and ranges, sans I/O (RFC 9110 §13, §14), as Go's http.ServeContent decides
// them (spec 02 §4.3). Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "rr/http.h"

namespace rr::net::files {

// What a request's conditions are compared with. Empty: has none.
struct Validators {
  std::string_view etag;  // with its quotes, "W/" before a weak one
  std::optional<std::int64_t> modified;
};

enum class Condition { proceed, not_modified, failed };

// If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since, in this order.
Condition check_conditions(const HttpRequest& request, const Validators& validators);
// Whether a Range field counts: If-Range is absent or true.
bool range_counts(const HttpRequest& request, const Validators& validators);

struct Range {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  bool operator==(const Range&) const = default;
};

enum class RangeResult {
  whole,       // no range, or ranges that are not worth it
  some,        // `ranges` has them
  no_overlap,  // none is within the file
  malformed,
};

// The ranges of a Range field within `size` bytes; none of them is empty. More than kMaxRanges, or
// together longer than the file: the whole of it.
inline constexpr std::size_t kMaxRanges = 64;
RangeResult parse_ranges(std::string_view field, std::uint64_t size, std::vector<Range>& ranges);

// Whether a list of entity tags (If-None-Match, If-Match) has `etag`, or is "*".
enum class Compare { weak, strong };
bool lists_etag(std::string_view list, std::string_view etag, Compare how);

}  // namespace rr::net::files
