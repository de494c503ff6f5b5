// More workers while exchanges find none free, fewer again when it is calm
// (`pool.dynamic_allocator`, spec 01 §6.5).
#pragma once

#include <cstdint>
#include <mutex>

#include "rr/log.h"
#include "rr/pool.h"
#include "runtime/pool/config.h"
#include "runtime/pool/crew.h"

namespace rr::pool {

// An exchange that has waited for allocate_timeout asks what to do; workers are then started in
// batches of spawn_rate, one batch at a time, a second between two of them. Without such an
// exchange for idle_timeout, idle workers go in batches of the same size until the pool is as large
// as configured. starved() and tick() are the guard's, one thread; answers of the crew may come on
// any.
class Allocator {
 public:
  // Those that start and end workers. See Crew.
  class Scaler {
   public:
    virtual void grow(Crew::Done done) = 0;
    virtual void shrink(Crew::Done done) = 0;  // an idle one only

   protected:
    ~Scaler() = default;
  };
  Allocator(const DynamicAllocatorConfig& config, Scaler& scaler, Logger log)
      : config_(config), scaler_(scaler), log_(log) {}

  // An exchange found no free worker in time. True: it should wait for kGrace more; workers are
  // coming, or may become free. `graced`: when it was first told so, the epoch if never. Does not
  // call the scaler: tick() does.
  bool starved(TimePoint now, TimePoint graced);
  // Why the last exchange that was told false may not wait.
  Error refusal() const;
  // Starts and ends the workers that are due; returns when to be called again.
  TimePoint tick(TimePoint now);

  static constexpr Duration kGrace = std::chrono::seconds(2);

 private:
  void grown(const Result<void>& result);
  void shrunk(const Result<void>& result);

  const DynamicAllocatorConfig config_;
  Scaler& scaler_;  // the pool, which owns this
  const Logger log_;

  mutable std::mutex mutex_;      // guards everything below
  std::uint32_t additional_ = 0;  // workers beyond the configured ones, coming ones included
  std::uint32_t wanted_ = 0;      // of additional_: the next tick() starts them
  std::uint32_t coming_ = 0;      // started, not ready
  std::uint32_t leaving_ = 0;     // asked to go
  TimePoint next_batch_{};
  TimePoint last_starved_{};
  TimePoint next_shrink_ = TimePoint::max();
  TimePoint failed_{};  // when a worker last did not come up
  Error failure_;
  Error refusal_;
};

}  // namespace rr::pool
