// What commands print.
#pragma once

#include <string>
#include <string_view>

#include "rr/config/errors.h"

namespace rr::cli {

// To stdout, at once.
void print(std::string_view text);
// To stderr, at once.
void print_error(std::string_view text);
// "2026/08/22 10:15:00 text" to stderr, as Go's log package writes it.
void print_dated(std::string_view text);

enum class Paint { red = 31, green = 32, yellow = 33, cyan = 36, bright_yellow = 93 };
// The text in that colour where stdout is a terminal and NO_COLOR is not set, else as it is.
std::string painted(std::string_view text, Paint paint);

// The error on stderr: bold bright red when stdout is a terminal and NO_COLOR is not set.
//
// Scripts compare these texts with RoadRunner's, so file:line:column is added only where a person
// reads: when stderr is a terminal, or when RR_EMBED_POSITIONS is set.
void report(const ConfigError& error);

}  // namespace rr::cli
