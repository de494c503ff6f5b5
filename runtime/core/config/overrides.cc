#include "runtime/core/config/overrides.h"

#include "rr/config/errors.h"

namespace rr::config {

namespace {

constexpr std::string_view kWhite = " \t\n";
constexpr std::string_view kQuotes = "\"'`";

std::string_view trim(std::string_view text, std::string_view what) {
  const std::size_t first = text.find_first_not_of(what);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(what) - first + 1);
}

// A value in quotes: they go at both ends, and `\"` becomes `"` within.
std::string unquote(std::string_view value) {
  const char quote = value.front();
  value = trim(value, std::string_view(&quote, 1));
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\\' && i + 1 < value.size() && value[i + 1] == quote) continue;
    out += value[i];
  }
  return out;
}

}  // namespace

Override parse_override(std::string_view argument) {
  const std::size_t start = argument.find_first_not_of(" \"'`");
  const std::string_view text = start == std::string_view::npos ? "" : argument.substr(start);
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    throw ConfigError({"parse_flag"}, "invalid flag `" + std::string(text) + "`", {});
  }
  const std::string_view key = trim(text.substr(0, equals), kWhite);
  const std::string_view value = trim(text.substr(equals + 1), kWhite);
  if (key.empty()) throw ConfigError({}, "key should not be empty", {});
  if (value.empty()) throw ConfigError({}, "value should not be empty", {});
  Override out{std::string(key), std::string(value)};
  for (char& c : out.key) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (kQuotes.find(value.front()) != std::string_view::npos) out.value = unquote(value);
  return out;
}

}  // namespace rr::config
