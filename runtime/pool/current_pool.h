// The pool of the configuration that counts now, under one name for as long as the server runs.
#pragma once

#include <memory>
#include <mutex>

#include "rr/pool.h"

namespace rr::pool {

// Everything is asked of the pool that was set last. A call that finds it replaced and stopped goes
// on with the next one. Thread-safe.
class CurrentPool final : public Pool {
 public:
  // Set before the first use. Pools are shared by this, by calls that are on their way, and after a
  // replacement by whoever retires them. Returns the one before.
  std::shared_ptr<Pool> replace(std::shared_ptr<Pool> pool);
  std::shared_ptr<Pool> get() const;

  Result<void> start() override { return get()->start(); }
  void stop(TimePoint deadline) override { get()->stop(deadline); }
  void retire(TimePoint deadline) override { get()->retire(deadline); }
  void submit(ExchangePtr exchange) override { get()->submit(std::move(exchange)); }
  Result<void> reset() override { return ask(&Pool::reset); }
  Result<void> add_worker() override { return ask(&Pool::add_worker); }
  Result<void> remove_worker() override { return ask(&Pool::remove_worker); }
  std::vector<WorkerInfo> workers() const override { return get()->workers(); }
  PoolCounts counts() const override { return get()->counts(); }
  std::vector<WorkerStack> stacks(std::int64_t pid, TimePoint deadline) override {
    return get()->stacks(pid, deadline);
  }
  Timings timings() override { return get()->timings(); }

 private:
  Result<void> ask(Result<void> (Pool::*what)());

  mutable std::mutex mutex_;  // guards pool_
  std::shared_ptr<Pool> pool_;
};

}  // namespace rr::pool
