#include "rr/duration.h"

#include <array>
#include <cstdint>
#include <utility>

namespace rr {

namespace {

constexpr std::string_view kInvalid = "time: invalid duration";
constexpr std::string_view kMissingUnit = "time: missing unit in duration";
constexpr std::string_view kUnknownUnit = "time: unknown unit";

constexpr std::array<std::pair<std::string_view, std::int64_t>, 8> kUnits{{
    {"ns", 1},
    {"us", 1'000},
    {"\xC2\xB5s", 1'000},  // U+00B5, micro sign
    {"\xCE\xBCs", 1'000},  // U+03BC, Greek mu
    {"ms", 1'000'000},
    {"s", 1'000'000'000},
    {"m", 60'000'000'000},
    {"h", 3'600'000'000'000},
}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// One "<decimal><unit>" at the front of `text`, which it shortens. Empty on success, else the
// error.
std::string_view take_part(std::string_view& text, std::int64_t& total) {
  if (!is_digit(text.front()) && text.front() != '.') return kInvalid;
  std::int64_t whole = 0;
  std::size_t digits = 0;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1), ++digits) {
    if (__builtin_mul_overflow(whole, 10, &whole) ||
        __builtin_add_overflow(whole, text.front() - '0', &whole)) {
      return kInvalid;
    }
  }
  long double fraction = 0;
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    for (long double scale = 0.1L; !text.empty() && is_digit(text.front());
         text.remove_prefix(1), ++digits, scale /= 10) {
      fraction += scale * (text.front() - '0');
    }
  }
  if (digits == 0) return kInvalid;
  std::size_t length = 0;
  while (length < text.size() && text[length] != '.' && !is_digit(text[length])) ++length;
  if (length == 0) return kMissingUnit;
  for (const auto& [name, nanoseconds] : kUnits) {
    if (text.substr(0, length) != name) continue;
    text.remove_prefix(length);
    // Half an ulp more than nothing: 0.3 ms must not become 299 999 ns.
    const auto rest = static_cast<std::int64_t>(fraction * nanoseconds + 1e-6L);
    const bool overflow = __builtin_mul_overflow(whole, nanoseconds, &whole) ||
                          __builtin_add_overflow(whole, rest, &whole) ||
                          __builtin_add_overflow(total, whole, &total);
    return overflow ? kInvalid : std::string_view{};
  }
  return kUnknownUnit;
}

// "1.5" for 1500 thousandths: the fraction without trailing zeros.
std::string decimal(std::uint64_t value, std::uint64_t unit) {
  std::string text = std::to_string(value / unit);
  std::uint64_t rest = value % unit;
  if (rest == 0) return text;
  std::string digits;
  for (std::uint64_t scale = unit / 10; rest != 0; scale /= 10) {
    digits += static_cast<char>('0' + rest / scale);
    rest %= scale;
  }
  return text + "." + digits;
}

}  // namespace

ParsedDuration parse_duration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return {};
  if (text.empty()) return {{}, kInvalid};
  std::int64_t total = 0;
  while (!text.empty()) {
    const std::string_view error = take_part(text, total);
    if (!error.empty()) return {{}, error};
  }
  return {Duration(negative ? -total : total), {}};
}

std::string to_string(Duration duration) {
  const std::int64_t count = duration.count();
  if (count == 0) return "0s";
  const std::string sign = count < 0 ? "-" : "";
  const std::uint64_t left =
      count < 0 ? ~static_cast<std::uint64_t>(count) + 1 : static_cast<std::uint64_t>(count);
  if (left < 1'000) return sign + std::to_string(left) + "ns";
  if (left < 1'000'000) return sign + decimal(left, 1'000) + "\xC2\xB5s";
  if (left < 1'000'000'000) return sign + decimal(left, 1'000'000) + "ms";
  constexpr std::uint64_t kMinute = 60'000'000'000;
  std::string text = decimal(left % kMinute, 1'000'000'000) + "s";
  const std::uint64_t minutes = left / kMinute;
  if (minutes > 0) text = std::to_string(minutes % 60) + "m" + text;
  if (minutes >= 60) text = std::to_string(minutes / 60) + "h" + text;
  return sign + text;
}

}  // namespace rr
