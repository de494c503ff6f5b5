// What the outside may know of a worker at any time.
#pragma once

#include <atomic>
#include <cstdint>

#include "rr/pool.h"

namespace rr::pool {

// Any thread may read; who may write is said beside each.
class WorkerStatus {
 public:
  WorkerState state() const { return state_.load(std::memory_order_acquire); }
  // Any thread. False: no such transition (spec 01 §5.1), nothing has changed.
  bool become(WorkerState to) {
    WorkerState from = state();
    do {
      if (!can_become(from, to)) return false;
    } while (!state_.compare_exchange_weak(from, to, std::memory_order_acq_rel));
    return true;
  }
  // A new process takes the place of the last one. Control thread.
  void reset(std::int64_t pid, std::int64_t created_unix_ns) {
    executions.store(0, std::memory_order_relaxed);
    last_used_ns.store(0, std::memory_order_relaxed);
    this->created_unix_ns.store(created_unix_ns, std::memory_order_relaxed);
    state_.store(WorkerState::inactive, std::memory_order_relaxed);
    this->pid.store(pid, std::memory_order_release);
  }

  std::atomic<std::int64_t> pid{0};              // 0: no process; control thread
  std::atomic<std::int64_t> created_unix_ns{0};  // control thread
  std::atomic<std::uint64_t> executions{0};      // owner of the worker
  std::atomic<std::int64_t> last_used_ns{0};     // steady clock, start of the last job; owner

 private:
  std::atomic<WorkerState> state_{WorkerState::inactive};
};

}  // namespace rr::pool
