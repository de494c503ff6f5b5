// How long to wait before a server that died is started again.
#pragma once

#include <algorithm>
#include <chrono>

#include "rr/exchange.h"

namespace rr::app::guardian {

// At once, then 100 ms, doubled each time up to 5 s; a server that served for a minute begins anew.
// A value; one thread.
class Backoff {
 public:
  static constexpr Duration kFirst = std::chrono::milliseconds(100);
  static constexpr Duration kLast = std::chrono::seconds(5);
  static constexpr Duration kStable = std::chrono::minutes(1);

  // The wait after a death; `served`: how long it had served, zero when it never did.
  Duration next(Duration served) {
    if (served >= kStable) wait_ = Duration::zero();
    const Duration wait = wait_;
    wait_ = wait == Duration::zero() ? kFirst : std::min(wait * 2, kLast);
    return wait;
  }

 private:
  Duration wait_{0};
};

}  // namespace rr::app::guardian
