#include "runtime/plugins/http/middleware/circuitbreaker/breaker.h"

#include <algorithm>

namespace rr::http::circuitbreaker {

void Breaker::enter(State state, TimePoint now) {
  state_ = state;
  since_ = now;
  all_ = errors_ = 0;
}

// What time alone changes.
void Breaker::move_on(TimePoint now) {
  const Duration passed = now - since_;
  if (state_ == State::open && passed >= config_.time_to_halfopen) {
    enter(State::half_open, now);
  } else if (state_ == State::half_open && passed >= config_.time_to_closed) {
    enter(State::closed, now);
  } else if (state_ == State::closed && passed >= config_.time_window) {
    enter(State::closed, now);
  }
}

bool Breaker::admits(TimePoint now) {
  std::lock_guard lock(mutex_);
  move_on(now);
  return state_ != State::open;
}

void Breaker::answered(int status, TimePoint now) {
  std::lock_guard lock(mutex_);
  move_on(now);
  const bool error = std::ranges::find(config_.error_codes, status) != config_.error_codes.end();
  ++all_;
  errors_ += error;
  if (!error || state_ == State::open) return;
  const bool too_many =
      static_cast<double>(errors_) >= config_.max_error_rate * static_cast<double>(all_);
  if (state_ == State::half_open || too_many) enter(State::open, now);
}

}  // namespace rr::http::circuitbreaker
