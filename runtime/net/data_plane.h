// Who polls the reactor, who is parked, and the guard that sees to it that somebody always polls
// (docs/data-plane.md, rules 4 and 5).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "rr/exchange.h"
#include "runtime/net/reactor.h"

namespace rr::net {

// A parked thread: waits on its own futex word. One per thread.
class Parker {
 public:
  // Until wake() or `deadline`; returns at once when wake() came first.
  void wait(TimePoint deadline = TimePoint::max());
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

// Idle threads that take work of their own from a queue (a crew of interpreters). Thread-safe.
class Takers {
 public:
  virtual bool work_waits() const = 0;
  // Makes one of its threads that is inside DataPlane::idle() return.
  virtual void wake_one() = 0;

 protected:
  ~Takers() = default;
};

// One reactor and the threads that serve it. Thread-safe.
class DataPlane {
 public:
  // pollers: how many threads may wait on the reactor at a time (cores, at least 2).
  explicit DataPlane(unsigned pollers);
  ~DataPlane();  // stops the guard; no other thread may use the plane any more

  Reactor& reactor() { return reactor_; }

  // One round for an idle thread. `work_waits` is asked once more after the thread counts as
  // waiting (who queues work calls work_queued() after queueing: one of the two sees the other).
  //   polled  one event was driven, or a wake-up came: look for work again
  //   parked  enough others poll; the thread slept until somebody woke it
  // Both end at the deadline too.
  enum class Round { polled, parked };
  template <class WorkWaits>
  Round idle(Parker& parker, WorkWaits&& work_waits, TimePoint deadline = TimePoint::max()) {
    if (begin_poll()) {
      if (!work_waits() && reactor_.wait_and_drive(milliseconds_until(deadline))) wake_up_arrived();
      end_poll();
      return Round::polled;
    }
    if (begin_park(parker)) {
      if (!work_waits()) parker.wait(deadline);
      end_park(parker);
      wake_up_arrived();
    }
    return Round::parked;
  }
  // After work was queued: wakes a poller, or a parked thread when nobody polls. Does nothing while
  // an earlier wake-up is on its way: whoever it reaches looks at everything that was queued
  // before, and wakes the next one if there is more than one can take.
  void work_queued();
  // Takes this thread out of the parked list if it is there and wakes it.
  void unpark(Parker& parker);

  // A wake-up reaches whoever polls. While there are threads of several kinds (during a reload, two
  // crews of interpreters), one that comes back from idle() and finds nothing for itself calls
  // pass_on(): whose work waits is woken. With one kind there is nobody to pass on to.
  void add_takers(Takers& takers);
  void remove_takers(Takers& takers);  // returns when nobody calls it any more
  bool shared() const { return kinds_.load(std::memory_order_relaxed) > 1; }
  void pass_on();

  void add_timed(Timed& timed);
  void remove_timed(Timed& timed);  // returns when no expire() of it runs
  // A deadline nearer than what the guard sleeps for may have come up.
  void note_deadline(TimePoint when);

  // How often the guard has looked at all deadlines: whether it moves. It does so soon after
  // note_deadline(now).
  std::uint64_t guard_rounds() const { return guard_rounds_.load(std::memory_order_acquire); }

  // Plain poller threads (process pools, servers without PHP): starts them, ends them. One thread
  // at a time calls these and stop().
  void start_pollers(unsigned count);
  void keep_pollers();  // as many as may poll, unless there are some
  void end_pollers();
  void start_guard();
  // Ends pollers and guard. Afterwards nobody is served.
  void stop();

 private:
  static int milliseconds_until(TimePoint deadline);  // -1 for ever
  bool begin_poll();
  void end_poll();
  bool begin_park(Parker& parker);
  void end_park(Parker& parker);
  bool unpark_one();
  // Before the thread looks for work: what is queued from here on wakes somebody again.
  void wake_up_arrived() { waking_.store(false, std::memory_order_seq_cst); }
  unsigned polling() const;
  void guard();
  TimePoint expire_all(TimePoint now);
  void wake_guard();

  Reactor reactor_;
  const unsigned limit_;
  // Polls ever begun << 16 | threads that poll now: one word, so that entering costs one operation
  // and the guard sees both.
  std::atomic<std::uint64_t> polls_{0};

  std::atomic<bool> waking_{false};  // work_queued() has woken somebody who has not come yet

  std::mutex parked_mutex_;  // guards parked_ (last in, first out)
  std::vector<Parker*> parked_;
  std::atomic<std::size_t> parked_count_{0};

  std::mutex takers_mutex_;  // guards takers_; held while they are woken
  std::vector<Takers*> takers_;
  std::atomic<unsigned> kinds_{0};  // takers, and plain pollers as one more

  std::mutex timed_mutex_;  // guards timed_; held while they expire
  std::vector<Timed*> timed_;

  std::atomic<std::uint32_t> guard_word_{0};  // 1: asleep until somebody wakes it
  std::atomic<std::int64_t> guard_until_{0};  // ns of the nearest deadline that is known
  std::atomic<std::uint64_t> guard_rounds_{0};
  std::atomic<bool> stopping_{false};
  struct PollerThread;
  std::vector<std::unique_ptr<PollerThread>> pollers_;
  std::thread guard_;
};

}  // namespace rr::net
