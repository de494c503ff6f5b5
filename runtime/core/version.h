// What this program says it is.
#pragma once

#include <string>
#include <string_view>

namespace rr {

// The RoadRunner whose behaviour was recorded (tests/golden): tools compare it (RR_VERSION, `rr --version`,
// rpc.Version).
inline constexpr std::string_view kRoadRunnerVersion = "2025.1.9";

// rr-embed's own version.
std::string_view own_version();

// "2026-06-17T10:00:00+0000".
std::string_view build_time();

// The line of `rr --version`, without its newline.
std::string version_line();

}  // namespace rr
