// When connections want to be looked at. The reactor's own deadlines are kept to 50 ms; packets
// need a thousandth of that, so there is a clock of the kernel's (timerfd) in the reactor.
#pragma once

#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "rr/result.h"
#include "runtime/net/reactor.h"

namespace rr::net::http3 {

// Something with a time of its own. Lives as long as the Timers it is in.
class Timer {
 public:
  // Called by whoever drives the reactor, not before the time that was set; soon after. Also once
  // too often: another time may have been set meanwhile.
  virtual void on_timer(TimePoint now) = 0;

 protected:
  ~Timer() = default;

 private:
  friend class Timers;
  TimePoint at_ = TimePoint::max();  // Timers' lock; max: not in it
};

// Thread-safe. The reactor outlives it.
class Timers final : public Pollable {
 public:
  explicit Timers(Reactor& reactor) : reactor_(reactor) {}
  ~Timers();  // no thread drives it any more

  Result<void> start();
  // Ends it. Blocks for the moment another thread calls timers.
  void stop();

  // At `when` at the latest; a call that comes earlier than wanted is not taken back. max(): none.
  void set(Timer& timer, TimePoint when);

  void on_ready(Readiness readiness) override;
  void on_deadline(TimePoint) override { on_ready({}); }

 private:
  void arm_locked();
  void take_due(TimePoint now, std::vector<Timer*>& due);

  Reactor& reactor_;
  int clock_ = -1;
  Handle handle_;
  std::mutex mutex_;  // guards all below
  std::set<std::pair<TimePoint, Timer*>> waiting_;
  TimePoint armed_ = TimePoint::max();  // what clock_ is set to
};

}  // namespace rr::net::http3
