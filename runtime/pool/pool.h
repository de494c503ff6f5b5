// The one Pool: queue, limits, reset and stop; its workers are a Crew.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "rr/pool.h"
#include "runtime/net/data_plane.h"
#include "runtime/pool/allocator.h"
#include "runtime/pool/config.h"
#include "runtime/pool/crew.h"
#include "runtime/pool/queue.h"
#include "runtime/pool/worker_events.h"

namespace rr::pool {

class WorkerPool final : public Pool,
                         private CrewHost,
                         private net::Timed,
                         private Allocator::Scaler {
 public:
  // What a pool may have beside its crew.
  struct Extras {
    Logger log;
    WorkerEvents events;
    std::function<Result<void>()> before_start;  // first thing of start(); an error is its error
  };
  // `make_crew` gets the host the crew works for. The data plane outlives the pool.
  template <class MakeCrew>
  WorkerPool(PoolConfig config, net::DataPlane& plane, MakeCrew&& make_crew, Extras extras = {})
      : config_(std::move(config)),
        plane_(plane),
        log_(extras.log),
        events_(std::move(extras.events)),
        before_start_(std::move(extras.before_start)),
        size_(config_.worker_count()),
        crew_(make_crew(static_cast<CrewHost&>(*this))) {
    if (config_.dynamic_allocator && !config_.debug) {
      allocator_.emplace(*config_.dynamic_allocator, static_cast<Allocator::Scaler&>(*this), log_);
    }
  }
  ~WorkerPool();

  Result<void> start() override;
  void stop(TimePoint deadline) override { end(deadline, Idle::stay); }
  void retire(TimePoint deadline) override { end(deadline, Idle::go); }
  void submit(ExchangePtr exchange) override;
  Result<void> reset() override;
  Result<void> add_worker() override;
  Result<void> remove_worker() override;
  std::vector<WorkerInfo> workers() const override;
  PoolCounts counts() const override;
  std::vector<WorkerStack> stacks(std::int64_t pid, TimePoint deadline) override {
    return crew_->stacks(pid, deadline);
  }
  Timings timings() override { return timing_.read(); }

 private:
  enum class Place { front, back };
  enum class Idle { stay, go };  // workers without work, while others still have some

  ExchangePtr take() override;
  bool work_waits() const override;
  void finished() override;
  void hand_back(ExchangePtr exchange) override;
  Timing& timing() override { return timing_; }
  TimePoint expire(TimePoint now) override;
  void grow(Crew::Done done) override;
  void shrink(Crew::Done done) override;
  bool leave_one(std::uint32_t least);
  void end(TimePoint deadline, Idle idle);
  void let_idle_go();
  void enqueue(ExchangePtr exchange, Place place);
  void refuse(ExchangePtr exchange, const Error& error);
  void fail_all(std::vector<ExchangePtr> exchanges, const Error& error);
  void count_out();

  const PoolConfig config_;
  net::DataPlane& plane_;  // owned by the server, which stops pools first
  const Logger log_;
  const WorkerEvents events_;
  const std::function<Result<void>()> before_start_;
  std::atomic<std::uint32_t> size_;       // workers wanted, the allocator's included
  std::atomic<std::int32_t> by_hand_{0};  // workers more than configured, or fewer
  std::optional<Allocator> allocator_;
  Timing timing_;
  std::unique_ptr<Crew> crew_;
  bool started_ = false;
  ExchangeQueue queue_;
  std::atomic<std::uint32_t> inside_{0};  // executing and waiting, as max_queue_size counts them
  std::atomic<std::uint64_t> executions_{0};
  std::atomic<bool> held_back_{false};  // reset: workers get nothing new
  std::atomic<bool> stopped_{false};
  std::mutex reset_mutex_;  // held by reset() and stop(): one at a time
  bool ended_ = false;      // under reset_mutex_
  std::atomic<bool> crew_stops_{false};
  std::mutex idle_mutex_;         // guards end_by_; for idle_, which end() waits on
  std::condition_variable idle_;  // something went out, or end_by_ is earlier
  TimePoint end_by_ = TimePoint::max();
};

}  // namespace rr::pool
