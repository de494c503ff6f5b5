#include "runtime/core/config/numbers.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace rr::config {

namespace {

// Digits in some base; `has_prefix` tells that an underscore may precede the first one.
struct Digits {
  std::string text;
  int base = 10;
  bool valid = true;
};

Digits digits_of(std::string_view text) {
  Digits out;
  bool may_underscore = false;
  if (text.size() > 1 && text[0] == '0') {
    switch (text[1]) {
      case 'x':
      case 'X':
        out.base = 16;
        break;
      case 'o':
      case 'O':
        out.base = 8;
        break;
      case 'b':
      case 'B':
        out.base = 2;
        break;
      default:
        break;
    }
    if (out.base == 10) {
      out.base = 8;
      text.remove_prefix(1);
    } else {
      text.remove_prefix(2);
    }
    may_underscore = true;
  }
  for (const char c : text) {
    if (c == '_') {
      out.valid = out.valid && may_underscore;
      may_underscore = false;
    } else {
      out.text += c;
      may_underscore = true;
    }
  }
  out.valid = out.valid && may_underscore && !out.text.empty();
  return out;
}

}  // namespace

Parsed<std::uint64_t> parse_uint(std::string_view text) {
  const Digits digits = digits_of(text);
  if (text.empty() || !digits.valid || digits.text.front() == '-') return {0, NumberError::syntax};
  std::uint64_t value = 0;
  const char* end = digits.text.data() + digits.text.size();
  const auto [stop, error] = std::from_chars(digits.text.data(), end, value, digits.base);
  if (error == std::errc::invalid_argument || stop != end) return {0, NumberError::syntax};
  if (error == std::errc::result_out_of_range) return {0, NumberError::range};
  return {value, NumberError::none};
}

Parsed<std::int64_t> parse_int(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const auto [value, error] = parse_uint(text);
  if (error != NumberError::none) return {0, error};
  const auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (value > most + (negative ? 1 : 0)) return {0, NumberError::range};
  return {static_cast<std::int64_t>(negative ? ~value + 1 : value), NumberError::none};
}

Parsed<double> parse_float(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error == std::errc::invalid_argument || stop != end)
    return {0, NumberError::syntax};
  if (error == std::errc::result_out_of_range) return {0, NumberError::range};
  return {value, NumberError::none};
}

std::optional<bool> parse_bool(std::string_view text) {
  for (const std::string_view word : {"1", "t", "T", "TRUE", "true", "True"}) {
    if (text == word) return true;
  }
  for (const std::string_view word : {"0", "f", "F", "FALSE", "false", "False"}) {
    if (text == word) return false;
  }
  return std::nullopt;
}

std::string float_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Inf" : "+Inf";
  std::array<char, 400> buffer;  // 1e308 has 309 digits
  const auto [end, error] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
  return std::string(buffer.data(), error == std::errc{} ? end : buffer.data());
}

}  // namespace rr::config
