#include "runtime/cli/human.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>

#include "rr/utf8.h"

namespace rr::cli {

namespace {

using namespace std::chrono_literals;

constexpr auto kDay = 24h;
constexpr auto kWeek = 7 * kDay;
constexpr auto kMonth = 30 * kDay;
constexpr auto kYear = 12 * kMonth;

std::string counted(std::int64_t count, std::string_view unit) {
  return std::to_string(count) + " " + std::string(unit) + (count == 1 ? "" : "s") + " ago";
}

}  // namespace

std::string with_commas(std::int64_t number) {
  std::string text = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (std::size_t at = text.size(); at > first + 3;) text.insert(at -= 3, 1, ',');
  return text;
}

std::string bytes_text(std::uint64_t bytes) {
  if (bytes < 10) return std::to_string(bytes) + " B";
  static constexpr std::array kUnits{"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  std::size_t unit = 0;
  double value = static_cast<double>(bytes);
  for (; value >= 1000 && unit + 1 < kUnits.size(); value /= 1000) ++unit;
  value = std::floor(value * 10 + 0.5) / 10;
  std::array<char, 32> buffer;
  std::snprintf(buffer.data(), buffer.size(), value < 10 ? "%.1f %s" : "%.0f %s", value,
                kUnits[unit]);
  return buffer.data();
}

std::string duration_text(std::chrono::microseconds time) {
  const auto us = static_cast<double>(time.count());
  const auto number = [](double value, const char* unit) {
    std::array<char, 32> buffer;
    std::snprintf(buffer.data(), buffer.size(), value < 9.95 ? "%.1f %s" : "%.0f %s", value, unit);
    return std::string(buffer.data());
  };
  if (time < 1ms) return std::to_string(time.count()) + " µs";
  if (time < 1s) return number(us / 1e3, "ms");
  if (time < 2min) return number(us / 1e6, "s");
  if (time < 2h) return number(us / 60e6, "min");
  return number(us / 3600e6, "h");
}

std::string harmless(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = utf8::sequence(text);
    const std::string_view rune = text.substr(0, std::max<std::size_t>(length, 1));
    text.remove_prefix(rune.size());
    const auto first = static_cast<unsigned char>(rune[0]);
    const auto between = [&](std::string_view low, std::string_view high) {
      return rune.size() == low.size() && rune >= low && rune <= high;
    };
    const bool control = first < 0x20 || first == 0x7f || between("\xC2\x80", "\xC2\x9F");
    // Marks that turn or hide text: zero width, left-to-right and back, line separators.
    const bool turns = between("\xE2\x80\x8B", "\xE2\x80\x8F") ||
                       between("\xE2\x80\xA8", "\xE2\x80\xAE") ||
                       between("\xE2\x81\xA0", "\xE2\x81\xAF") || rune == "\xEF\xBB\xBF";
    out += length == 0 || control || turns ? std::string_view("?") : rune;
  }
  return out;
}

std::string age_text(std::chrono::nanoseconds age) {
  if (age < 1s) return "now";
  if (age < 1min) return counted(age / 1s, "second");
  if (age < 1h) return counted(age / 1min, "minute");
  if (age < kDay) return counted(age / 1h, "hour");
  if (age < kWeek) return counted(age / kDay, "day");
  if (age < kMonth) return counted(age / kWeek, "week");
  if (age < kYear) return counted(age / kMonth, "month");
  if (age < kYear + kYear / 2) return "1 year ago";
  if (age < 2 * kYear) return "2 years ago";
  if (age < 37 * kYear) return counted(age / kYear, "year");
  return "a long while ago";
}

}  // namespace rr::cli
