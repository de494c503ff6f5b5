// Pools of earlier configurations on their way out.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "rr/log.h"
#include "rr/pool.h"

namespace rr::pool {

// Ends several pools at a time, by stop() or retire() of each, so that every one has the whole
// time. Blocks.
void end_all(std::span<Pool* const> pools, void (Pool::*how)(TimePoint), TimePoint deadline);

// Thread-safe. The pools of a configuration have a thread of their own here while they go. Outlives
// all data-plane and control threads that pools use, or stop() has been called before they end.
class Retirement {
 public:
  explicit Retirement(Logger log) : log_(log) {}
  ~Retirement();  // after stop()

  // The pools have been replaced: nobody finds them anew, but some may be about to submit to them.
  // Ends them behind what they have in hand, after `grace` at the latest, and lets go of them when
  // no thread uses them any more. Does not wait.
  void retire(std::vector<std::shared_ptr<Pool>> pools, Duration grace);

  // Blocks until fewer configurations than that are on their way, those that are stuck not counted.
  // False: stop() was called.
  bool await_fewer_than(std::size_t most);
  // What is left ends by the deadline. Blocks. Nothing is retired any more.
  void stop(TimePoint deadline);
  // Threads of these pools that are stuck in PHP. After stop(): their pools are never destroyed.
  std::uint32_t abandoned() const;

 private:
  struct Leaving {
    std::vector<std::shared_ptr<Pool>> pools;
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
