// systemd's watchdog: WATCHDOG=1 for as long as the server moves.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

#include "rr/duration.h"
#include "rr/log.h"
#include "runtime/core/control.h"
#include "runtime/net/data_plane.h"

namespace rr::app {

// Each interval it asks the control thread to run something and the data plane's guard to look at
// all deadlines. At the end of the interval systemd is told that the server lives, if both have
// done so; if not, nothing is sent and an error is logged once. A thread of its own, from its
// construction to its destruction; `control` and `plane` must run in between.
class Watchdog final {
 public:
  // How often to tell: endure.watchdog_sec, and half the time that systemd allows (WATCHDOG_USEC,
  // unless WATCHDOG_PID is another process), the shorter one. Zero: nobody asked.
  static Duration interval(int watchdog_sec);

  Watchdog(Duration interval, Control& control, net::DataPlane& plane, Logger log);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  void run();
  void tell(bool control_moves, bool guard_moves);

  const Duration interval_;
  Control& control_;
  net::DataPlane& plane_;
  const Logger log_;
  bool fed_ = true;  // the last time; the thread's

  std::mutex mutex_;  // guards ended_
  std::condition_variable changed_;
  bool ended_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace rr::app
