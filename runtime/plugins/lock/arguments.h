// What no lock can be asked for, wherever locks are kept.
#pragma once

#include <chrono>
#include <string_view>

#include "rr/result.h"

namespace rr::lock {

inline constexpr std::size_t kMaxName = 65536;

// `id` and `ttl` of calls that have them.
inline Result<void> check_arguments(std::string_view resource, std::string_view id,
                                    std::chrono::microseconds ttl) {
  if (id.empty()) return Error(Errc::invalid, "", "empty ID is not allowed");
  if (resource.size() > kMaxName || id.size() > kMaxName)
    return Error(Errc::invalid, "", "resources and ids have at most 65536 bytes");
  if (ttl < ttl.zero())
    return Error(Errc::invalid, "", "the TTL must not be negative (0: until it is released)");
  return {};
}

// Longer than any lock, and short enough to be added to any time.
inline constexpr std::chrono::microseconds kLongest = std::chrono::hours(24 * 365 * 100);

}  // namespace rr::lock
