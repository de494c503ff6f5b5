// Who polls the reactor, who is parked, and the guard that sees to it that somebody always polls
// (docs/data-plane.md, rules 4 and 5).
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "rr/exchange.h"
#include "runtime/net/reactor.h"

namespace rr::net {

// A parked thread: waits on its own futex word. One per thread.
class Parker {
 public:
  void wait();    // until wake(); returns at once when wake() came first
  void wake();

 private:
  std::atomic<std::uint32_t> word_{0};
};

// Something that keeps deadlines of its own (a pool: queue and exec_ttl). Called by the guard.
class Timed {
 public:
  // Deals with what is due and returns the next deadline.
  virtual TimePoint expire(TimePoint now) = 0;

 protected:
  ~Timed() = default;
};

// One reactor and the threads that serve it. Thread-safe.
class DataPlane {
 public:
  // pollers: how many threads may wait on the reactor at a time (cores, at least 2).
  explicit DataPlane(unsigned pollers);
  ~DataPlane();  // stops the guard; no other thread may use the plane any more

  Reactor& reactor() { return reactor_; }

  // One round for an idle thread. `work_waits` is asked once more after the thread counts as waiting
  // (who queues work asks wants_wake() after queueing: one of the two sees the other).
  //   polled  one event was driven, or a wake-up came: look for work again
  //   parked  enough others poll; the thread slept until somebody woke it
  enum class Round { polled, parked };
  template <class WorkWaits>
  Round idle(Parker& parker, WorkWaits&& work_waits) {
    if (begin_poll()) {
      if (!work_waits()) reactor_.wait_and_drive(-1);
      end_poll();
      return Round::polled;
    }
    if (begin_park(parker)) {
      if (work_waits()) cancel_park(parker);
      parker.wait();
    }
    return Round::parked;
  }
  // After work was queued: wakes a poller, or a parked thread when nobody polls.
  void work_queued();
  // Takes this thread out of the parked list if it is there and wakes it.
  void unpark(Parker& parker);

  void add_timed(Timed& timed);
  void remove_timed(Timed& timed);  // returns when no expire() of it runs
  // A deadline nearer than what the guard sleeps for may have come up.
  void note_deadline(TimePoint when);

  // Starts plain poller threads (process pools, servers without PHP).
  void start_pollers(unsigned count);
  void start_guard();
  // Ends pollers and guard. Afterwards nobody is served.
  void stop();

 private:
  bool begin_poll();
  void end_poll();
  bool begin_park(Parker& parker);
  void cancel_park(Parker& parker);
  bool unpark_one();
  void guard();
  void poller(Parker& parker);

  Reactor reactor_;
  const unsigned limit_;
  std::atomic<int> polling_{0};
  std::atomic<std::uint64_t> rounds_{0};  // polls begun; tells the guard that somebody polled

  std::mutex parked_mutex_;  // guards parked_ (last in, first out)
  std::vector<Parker*> parked_;
  std::atomic<int> parked_count_{0};

  std::mutex timed_mutex_;  // guards timed_
  std::vector<Timed*> timed_;

  std::atomic<std::uint32_t> guard_word_{0};
  std::atomic<std::int64_t> guard_sleeps_until_{0};
  std::atomic<bool> stopping_{false};
  struct PollerThread;
  std::vector<std::unique_ptr<PollerThread>> pollers_;
  std::thread guard_;
};

}  // namespace rr::net
