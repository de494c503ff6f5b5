// Go's notation of durations, which configuration files, command lines and log lines share.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace rr {

using Duration = std::chrono::nanoseconds;

// The outcome of parse_duration: `error` is empty on success, else Go's words without the value
// ("time: missing unit in duration").
struct ParsedDuration {
  Duration value{};
  std::string_view error;
};

// Optional sign, then one or more <decimal><unit> with the units ns us µs ms s m h; "0" alone is
// allowed.
ParsedDuration parse_duration(std::string_view text);

// "1h0m0s", "1.5s", "12ms": as Go prints a time.Duration.
std::string to_string(Duration duration);

}  // namespace rr
