// What an unquoted YAML scalar is (spec 05 §1.2; go-yaml v3 resolve.go).
#include <array>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <limits>
#include <string>

#include "runtime/core/config/numbers.h"
#include "runtime/core/config/yaml.h"

namespace rr::config {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

template <std::size_t N>
bool one_of(std::string_view text, const std::array<std::string_view, N>& words) {
  for (const std::string_view word : words) {
    if (text == word) return true;
  }
  return false;
}

// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool looks_like_float(std::string_view text) {
  const auto digits = [&] {
    std::size_t count = 0;
    for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1)) ++count;
    return count;
  };
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const std::size_t whole = digits();
  std::size_t fraction = 0;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = digits();
    if (whole == 0 && fraction == 0) return false;
  } else if (whole == 0) {
    return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    if (digits() == 0) return false;
  }
  return text.empty();
}

// A date or a point in time, which RoadRunner turns into RFC 3339 text: "2024-01-02" becomes
// "2024-01-02T00:00:00Z". Empty when it is neither.
std::string date_text(const std::string& text) {
  if (text.size() < 8 || !is_digit(text[0]) || !is_digit(text[1]) || !is_digit(text[2]) ||
      !is_digit(text[3]) || text[4] != '-')
    return {};
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, used = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2d%n", &year, &month, &day, &used) != 3) return {};
  if (month < 1 || month > 12 || day < 1 || day > 31) return {};
  std::string rest = text.substr(static_cast<std::size_t>(used));
  std::string fraction, zone = "Z";
  if (!rest.empty()) {
    if (rest[0] != 'T' && rest[0] != 't' && rest[0] != ' ') return {};
    const bool spaced = rest[0] == ' ';
    if (std::sscanf(rest.c_str() + 1, "%2d:%2d:%2d%n", &hour, &minute, &second, &used) != 3)
      return {};
    if (hour < 0 || minute < 0 || second < 0 || hour > 23 || minute > 59 || second > 59) return {};
    rest.erase(0, static_cast<std::size_t>(used) + 1);
    if (rest.starts_with('.')) {
      std::size_t end = 1;
      while (end < rest.size() && is_digit(rest[end])) ++end;
      if (end == 1 || end > 10) return {};
      fraction = rest.substr(0, end);
      while (fraction.ends_with('0')) fraction.pop_back();
      if (fraction == ".") fraction.clear();
      rest.erase(0, end);
    }
    if (spaced ? !rest.empty() : rest.empty()) return {};
    if (!rest.empty() && rest != "Z") {
      if (rest.size() != 6 || (rest[0] != '+' && rest[0] != '-') || rest[3] != ':') return {};
      zone = rest;
    }
  }
  std::array<char, 64> buffer;
  std::snprintf(buffer.data(), buffer.size(), "%04d-%02d-%02dT%02d:%02d:%02d", year, month, day,
                hour, minute, second);
  return buffer.data() + fraction + zone;
}

}  // namespace

Node::Value resolve_scalar(std::string_view text) {
  static constexpr std::array<std::string_view, 5> kNull{"", "~", "null", "Null", "NULL"};
  static constexpr std::array<std::string_view, 3> kTrue{"true", "True", "TRUE"};
  static constexpr std::array<std::string_view, 3> kFalse{"false", "False", "FALSE"};
  static constexpr std::array<std::string_view, 6> kInfinity{".inf",  ".Inf",  ".INF",
                                                             "+.inf", "+.Inf", "+.INF"};
  static constexpr std::array<std::string_view, 3> kMinusInfinity{"-.inf", "-.Inf", "-.INF"};
  static constexpr std::array<std::string_view, 3> kNotANumber{".nan", ".NaN", ".NAN"};
  if (one_of(text, kNull)) return std::monostate{};
  if (one_of(text, kTrue)) return true;
  if (one_of(text, kFalse)) return false;
  if (one_of(text, kInfinity)) return std::numeric_limits<double>::infinity();
  if (one_of(text, kMinusInfinity)) return -std::numeric_limits<double>::infinity();
  if (one_of(text, kNotANumber)) return std::numeric_limits<double>::quiet_NaN();
  const char first = text.front();
  if (!is_digit(first) && first != '-' && first != '+' && first != '.') return std::string(text);

  if (std::string date = date_text(std::string(text)); !date.empty()) return date;
  std::string plain(text);
  std::erase(plain, '_');
  if (const auto [value, error] = parse_int(plain); error == NumberError::none) return value;
  if (looks_like_float(plain)) {
    if (const auto [value, error] = parse_float(plain); error == NumberError::none) return value;
  }
  return std::string(text);
}

}  // namespace rr::config
