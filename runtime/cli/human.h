// Numbers as people read them, in the words of Go's go-humanize, which RoadRunner's tables use.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace rr::cli {

// "1,396"
std::string with_commas(std::int64_t number);
// "79 MB", "1.5 kB"; base 1000.
std::string bytes_text(std::uint64_t bytes);
// "850 µs", "12 ms", "3.2 s", "4 min", "5 h".
std::string duration_text(std::chrono::microseconds time);
// Text of strangers for a terminal: one line, what would move the cursor or turn the writing is
// "?".
std::string harmless(std::string_view text);
// "now", "1 minute ago", "3 weeks ago": the largest unit only.
std::string age_text(std::chrono::nanoseconds age);

}  // namespace rr::cli
