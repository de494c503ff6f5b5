#include "runtime/cli/human.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>

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
