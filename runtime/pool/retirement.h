// Pools of earlier configurations on their way out.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "rr/log.h"
#include "rr/pool.h"

namespace rr::pool {

// Thread-safe. Each pool has a thread of its own here while it goes. Outlives all data-plane and
// control threads that pools use, or stop() has been called before they end.
class Retirement {
 public:
  explicit Retirement(Logger log) : log_(log) {}
  ~Retirement();  // after stop()

  // The pool has been replaced: nobody finds it anew, but some may be about to submit to it. Ends
  // it behind what it has in hand, after `grace` at the latest, and lets go of it when no thread
  // uses it any more. Does not wait.
  void retire(std::shared_ptr<Pool> pool, Duration grace);

  // Blocks until fewer pools than that are on their way, those that are stuck not counted. False:
  // stop() was called.
  bool await_fewer_than(std::size_t most);
  // What is left ends by the deadline. Blocks. Nothing is retired any more.
  void stop(TimePoint deadline);
  // Threads of these pools that are stuck in PHP. After stop(): their pools are never destroyed.
  std::uint32_t abandoned() const;

 private:
  struct Leaving {
    std::shared_ptr<Pool> pool;
    bool stuck = false;  // some of its threads may never come back
    bool gone = false;   // the thread has nothing left to do and may be joined
    std::thread thread;
  };
  void see_off(Leaving& leaving, TimePoint deadline);
  void join_gone(std::unique_lock<std::mutex>& lock);

  const Logger log_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::list<Leaving> leaving_;
  bool stopping_ = false;
};

}  // namespace rr::pool
