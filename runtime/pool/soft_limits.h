// Limits after which a worker is replaced once it is idle (`pool.supervisor`, spec 01 §7).
#pragma once

#include <cstdint>

#include "rr/pool.h"

namespace rr::pool {

// The same for every kind of worker. Zero: no such limit.
struct SoftLimits {
  Duration watch_tick = std::chrono::seconds(5);
  Duration ttl{};                  // age
  Duration idle_ttl{};             // since the last job began, when idle; in whole seconds
  std::uint64_t memory_bytes = 0;  // RSS of a process, Zend memory of a thread

  // Nobody needs to look at the workers when there is none.
  bool any() const {
    return ttl > Duration::zero() || idle_ttl > Duration::zero() || memory_bytes > 0;
  }
};

// What the limits are held against.
struct WorkerUse {
  WorkerState state = WorkerState::inactive;
  TimePoint began{};
  TimePoint last_used{};  // the epoch: it never had a job
};

// ttl_reached, max_memory_reached or idle_ttl_reached; `inactive` when none is. `memory` is asked
// for only when it counts.
template <class Memory>
WorkerState limit_reached(const SoftLimits& limits, const WorkerUse& use, TimePoint now,
                          Memory&& memory) {
  using std::chrono::floor;
  using std::chrono::seconds;
  if (use.state != WorkerState::ready && use.state != WorkerState::working) {
    return WorkerState::inactive;
  }
  if (limits.ttl > Duration::zero() && now - use.began >= limits.ttl) {
    return WorkerState::ttl_reached;
  }
  if (limits.memory_bytes > 0 && memory() >= limits.memory_bytes) {
    return WorkerState::max_memory_reached;
  }
  if (limits.idle_ttl > Duration::zero() && use.state == WorkerState::ready &&
      use.last_used != TimePoint{} &&
      floor<seconds>(now - use.last_used) >= floor<seconds>(limits.idle_ttl)) {
    return WorkerState::idle_ttl_reached;
  }
  return WorkerState::inactive;
}

}  // namespace rr::pool
