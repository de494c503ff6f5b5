// How a mode and an encoding write a record (spec 05 §5.2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rr/log.h"

namespace rr::log {

// RoadRunner's modes; `other` is any word it does not know.
enum class Mode : std::uint8_t { development, production, raw, none, other };
enum class Encoding : std::uint8_t { console, json };
enum class Colour : std::uint8_t { no, yes };

Mode mode_of(std::string_view word);
std::optional<Level> level_of(std::string_view word);
// What an unset or unknown level means in a mode.
Level default_level(Mode mode);
Encoding default_encoding(Mode mode);

struct Style {
  Mode mode = Mode::development;
  Encoding encoding = Encoding::console;
  Colour colour = Colour::no;
  std::string line_ending = "\n";

  bool operator==(const Style&) const = default;
};

// A record as the writer has it.
struct Record {
  Level level = Level::info;
  std::int64_t unix_ns = 0;
  std::string_view logger;
  std::string_view message;
};

// Appends one line, its ending included.
void format(const Style& style, const Record& record, std::span<const KeyValue> fields,
            std::string& out);

}  // namespace rr::log
