#include "runtime/net/files/http_date.h"

#include <time.h>

#include <array>
#include <cstdio>

namespace rr::net::files {
namespace {

constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 7> kLongDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                       "Thursday", "Friday", "Saturday"};

// Takes from the front of a text what must stand there; `good` stays false after the first thing
// that does not.
struct Reader {
  std::string_view text;
  bool good = true;

  void literal(std::string_view wanted) {
    good = good && text.starts_with(wanted);
    if (good) text.remove_prefix(wanted.size());
  }
  template <std::size_t kCount>
  void one_of(const std::array<std::string_view, kCount>& words) {
    for (const std::string_view word : words) {
      if (good && text.starts_with(word)) return text.remove_prefix(word.size());
    }
    good = false;
  }
  int number(std::size_t digits) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      good = good && !text.empty() && text.front() >= '0' && text.front() <= '9';
      if (!good) return 0;
      value = value * 10 + (text.front() - '0');
      text.remove_prefix(1);
    }
    return value;
  }
  int month() {
    for (int i = 0; i < 12; ++i) {
      if (good && text.starts_with(kMonths.substr(3 * static_cast<std::size_t>(i), 3))) {
        text.remove_prefix(3);
        return i;
      }
    }
    good = false;
    return 0;
  }
  void clock(tm& out) {
    out.tm_hour = number(2);
    literal(":");
    out.tm_min = number(2);
    literal(":");
    out.tm_sec = number(2);
  }
};

std::optional<std::int64_t> seconds_of(const Reader& reader, tm& parts) {
  if (!reader.good || !reader.text.empty() || parts.tm_hour > 23 || parts.tm_min > 59 ||
      parts.tm_sec > 60 || parts.tm_mday < 1) {
    return std::nullopt;
  }
  const int day = parts.tm_mday;
  const std::int64_t seconds = timegm(&parts);
  if (parts.tm_mday != day && parts.tm_sec != 60) return std::nullopt;  // 31 February
  return seconds;
}

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::optional<std::int64_t> imf(std::string_view text) {
  Reader reader{text};
  tm parts{};
  reader.one_of(kDays);
  reader.literal(", ");
  parts.tm_mday = reader.number(2);
  reader.literal(" ");
  parts.tm_mon = reader.month();
  reader.literal(" ");
  parts.tm_year = reader.number(4) - 1900;
  reader.literal(" ");
  reader.clock(parts);
  reader.literal(" GMT");
  return seconds_of(reader, parts);
}

// "Sunday, 06-Nov-94 08:49:37 GMT"
std::optional<std::int64_t> rfc850(std::string_view text) {
  Reader reader{text};
  tm parts{};
  reader.one_of(kLongDays);
  reader.literal(", ");
  parts.tm_mday = reader.number(2);
  reader.literal("-");
  parts.tm_mon = reader.month();
  reader.literal("-");
  const int year = reader.number(2);
  parts.tm_year = year < 69 ? year + 100 : year;  // as Go and POSIX have it
  reader.literal(" ");
  reader.clock(parts);
  reader.literal(" GMT");
  return seconds_of(reader, parts);
}

// "Sun Nov  6 08:49:37 1994"
std::optional<std::int64_t> asctime_form(std::string_view text) {
  Reader reader{text};
  tm parts{};
  reader.one_of(kDays);
  reader.literal(" ");
  parts.tm_mon = reader.month();
  reader.literal(" ");
  const bool padded = reader.text.starts_with(' ');
  if (padded) reader.literal(" ");
  parts.tm_mday = reader.number(padded ? 1 : 2);
  reader.literal(" ");
  reader.clock(parts);
  reader.literal(" ");
  parts.tm_year = reader.number(4) - 1900;
  return seconds_of(reader, parts);
}

}  // namespace

std::optional<std::int64_t> parse_http_date(std::string_view text) {
  if (const auto seconds = imf(text)) return seconds;
  if (const auto seconds = rfc850(text)) return seconds;
  return asctime_form(text);
}

std::string http_date(std::int64_t seconds) {
  const time_t when = seconds;
  tm utc{};
  gmtime_r(&when, &utc);
  char text[64];
  const int size = std::snprintf(text, sizeof text, "%s, %02d %.3s %04d %02d:%02d:%02d GMT",
                                 kDays[static_cast<std::size_t>(utc.tm_wday)].data(), utc.tm_mday,
                                 kMonths.data() + 3 * utc.tm_mon, utc.tm_year + 1900, utc.tm_hour,
                                 utc.tm_min, utc.tm_sec);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace rr::net::files
