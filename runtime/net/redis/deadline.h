// Times and errors as the sockets of a client need them.
#pragma once

#include <algorithm>
#include <climits>
#include <cstring>
#include <string>

#include "rr/duration.h"
#include "rr/exchange.h"

namespace rr::redis {

inline constexpr TimePoint kNever = TimePoint::max();

// A time-out below zero is none.
inline TimePoint end_of(Duration timeout) {
  return timeout < Duration::zero() ? kNever : Clock::now() + timeout;
}

// For poll().
inline int milliseconds_until(TimePoint deadline) {
  if (deadline == kNever) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, INT_MAX));
}

// As Go words it: it begins errors in lower case.
inline std::string go_text(int error) {
  std::string text = std::strerror(error);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] += 'a' - 'A';
  return text;
}

}  // namespace rr::redis
