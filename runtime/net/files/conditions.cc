#include "runtime/net/files/conditions.h"

#include <algorithm>

#include "runtime/net/files/http_date.h"
#include "runtime/net/http/chars.h"

namespace rr::net::files {
namespace {

namespace chars = http::chars;

// The entity tag at the front of a text; empty when none is there.
std::string_view tag_at_front(std::string_view text) {
  std::size_t at = text.starts_with("W/") ? 2 : 0;
  if (at >= text.size() || text[at] != '"') return {};
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == '"') return text.substr(0, i + 1);
    if (byte != 0x21 && (byte < 0x23 || byte == 0x7f)) return {};
  }
  return {};
}

std::string_view opaque(std::string_view tag) {
  return tag.starts_with("W/") ? tag.substr(2) : tag;
}

bool same_tag(std::string_view a, std::string_view b, Compare how) {
  if (how == Compare::weak) return opaque(a) == opaque(b);
  return a == b && a.starts_with('"');
}

// Condition of a date field; nothing when it does not count.
std::optional<bool> not_after(std::string_view date, const std::optional<std::int64_t>& modified) {
  if (date.empty() || !modified) return std::nullopt;
  const auto given = parse_http_date(date);
  if (!given) return std::nullopt;
  return *modified <= *given;
}

bool reads(const HttpRequest& request) {
  const std::string_view method = request(request.head.method);
  return method == "GET" || method == "HEAD";
}

RangeResult collect_ranges(std::string_view field, std::uint64_t size, std::vector<Range>& ranges) {
  if (field.empty()) return RangeResult::whole;
  constexpr std::string_view kUnit = "bytes=";
  if (!field.starts_with(kUnit)) return RangeResult::malformed;
  field.remove_prefix(kUnit.size());
  bool outside = false;
  std::uint64_t total = 0;
  while (!field.empty()) {
    const std::string_view spec = chars::next_member(field);
    if (spec.empty()) continue;
    const auto dash = spec.find('-');
    if (dash == std::string_view::npos) return RangeResult::malformed;
    const std::string_view first = chars::trim(spec.substr(0, dash));
    const std::string_view last = chars::trim(spec.substr(dash + 1));
    Range range;
    if (first.empty()) {
      const std::int64_t suffix = chars::parse_length(last);
      if (suffix < 0) return RangeResult::malformed;
      range.length = std::min<std::uint64_t>(static_cast<std::uint64_t>(suffix), size);
      range.offset = size - range.length;
    } else {
      const std::int64_t begin = chars::parse_length(first);
      if (begin < 0) return RangeResult::malformed;
      const std::int64_t end = last.empty() ? INT64_MAX : chars::parse_length(last);
      if (end < begin) return RangeResult::malformed;
      range.offset = static_cast<std::uint64_t>(begin);
      if (range.offset >= size) {
        outside = true;
        continue;
      }
      range.length =
          std::min<std::uint64_t>(static_cast<std::uint64_t>(end) + 1, size) - range.offset;
    }
    if (range.length == 0) {
      outside = true;
      continue;
    }
    total += range.length;
    if (ranges.size() == kMaxRanges || total > size) {
      return RangeResult::whole;
    }
    ranges.push_back(range);
  }
  if (!ranges.empty()) return RangeResult::some;
  if (!outside || size == 0) return RangeResult::whole;
  return RangeResult::no_overlap;
}

}  // namespace

bool lists_etag(std::string_view list, std::string_view etag, Compare how) {
  for (;;) {
    list = chars::trim(list);
    if (list.empty()) return false;
    if (list.front() == ',') {
      list.remove_prefix(1);
      continue;
    }
    if (list.front() == '*') return true;
    const std::string_view tag = tag_at_front(list);
    if (tag.empty()) return false;
    if (same_tag(tag, etag, how)) return true;
    list.remove_prefix(tag.size());
  }
}

Condition check_conditions(const HttpRequest& request, const Validators& validators) {
  if (const auto list = request.field("If-Match"); !list.empty()) {
    if (!lists_etag(list, validators.etag, Compare::strong)) return Condition::failed;
  } else if (const auto still =
                 not_after(request.field("If-Unmodified-Since"), validators.modified);
             still && !*still) {
    return Condition::failed;
  }
  if (const auto list = request.field("If-None-Match"); !list.empty()) {
    if (!lists_etag(list, validators.etag, Compare::weak)) return Condition::proceed;
    return reads(request) ? Condition::not_modified : Condition::failed;
  }
  if (!reads(request)) return Condition::proceed;
  const auto same = not_after(request.field("If-Modified-Since"), validators.modified);
  return same && *same ? Condition::not_modified : Condition::proceed;
}

bool range_counts(const HttpRequest& request, const Validators& validators) {
  const std::string_view field = request.field("If-Range");
  if (field.empty()) return true;
  if (const auto tag = tag_at_front(field); !tag.empty())
    return same_tag(tag, validators.etag, Compare::strong);
  const auto date = parse_http_date(field);
  return date && validators.modified && *date == *validators.modified;
}

RangeResult parse_ranges(std::string_view field, std::uint64_t size, std::vector<Range>& ranges) {
  ranges.clear();
  const RangeResult result = collect_ranges(field, size, ranges);
  if (result != RangeResult::some) ranges.clear();
  return result;
}

}  // namespace rr::net::files
