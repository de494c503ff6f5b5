// Numbers as Go's strconv reads and writes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rr::config {

enum class NumberError { none, syntax, range };

template <class T>
struct Parsed {
  T value{};
  NumberError error = NumberError::none;
};

// strconv.ParseInt and ParseUint with base 0: 0x, 0o, 0b, a leading 0 for octal, underscores
// between digits.
Parsed<std::int64_t> parse_int(std::string_view text);
Parsed<std::uint64_t> parse_uint(std::string_view text);
Parsed<double> parse_float(std::string_view text);
// strconv.ParseBool: 1 t T TRUE true True and their opposites.
std::optional<bool> parse_bool(std::string_view text);

// The shortest text that reads back as the same value, without an exponent.
std::string float_text(double value);

}  // namespace rr::config
