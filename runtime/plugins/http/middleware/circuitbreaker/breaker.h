// The states of a circuit breaker:
//
//   closed ──errors reach the rate──▶ open ──time_to_halfopen──▶ half open
//      ▲                               ▲                           │   │
//      └───────time_to_closed──────────┼───────────────────────────┘   │
//                                      └────────────any error──────────┘
#pragma once

#include <cstdint>
#include <mutex>

#include "rr/exchange.h"
#include "runtime/plugins/http/middleware/circuitbreaker/config.h"

namespace rr::http::circuitbreaker {

// Thread-safe. The clock is the caller's.
class Breaker {
 public:
  explicit Breaker(const CircuitBreakerConfig& config) : config_(config) {}

  // Whether a request may pass now.
  bool admits(TimePoint now);
  // What became of one that did.
  void answered(int status, TimePoint now);

  enum class State : std::uint8_t { closed, open, half_open };
  State state_for_test() const { return state_; }

 private:
  void move_on(TimePoint now);
  void enter(State state, TimePoint now);

  const CircuitBreakerConfig config_;
  std::mutex mutex_;  // guards what follows
  State state_ = State::closed;
  TimePoint since_{};  // in this state; of `closed`: the window's beginning
  std::uint64_t all_ = 0;
  std::uint64_t errors_ = 0;
};

}  // namespace rr::http::circuitbreaker
