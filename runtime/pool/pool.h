// The one Pool: queue, limits, reset and stop; its workers are a Crew.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "rr/pool.h"
#include "runtime/net/data_plane.h"
#include "runtime/pool/config.h"
#include "runtime/pool/crew.h"
#include "runtime/pool/queue.h"

namespace rr::pool {

class WorkerPool final : public Pool, private CrewHost, private net::Timed {
 public:
  // `make_crew` gets the host the crew works for. The data plane outlives the pool.
  template <class MakeCrew>
  WorkerPool(PoolConfig config, net::DataPlane& plane, MakeCrew&& make_crew)
      : config_(std::move(config)),
        plane_(plane),
        crew_(make_crew(static_cast<CrewHost&>(*this))) {}
  ~WorkerPool();

  Result<void> start() override;
  void stop(TimePoint deadline) override;
  void submit(ExchangePtr exchange) override;
  Result<void> reset() override;
  std::vector<WorkerInfo> workers() const override;
  PoolCounts counts() const override;

 private:
  enum class Place { front, back };

  ExchangePtr take() override;
  bool work_waits() const override;
  void finished() override;
  void hand_back(ExchangePtr exchange) override;
  TimePoint expire(TimePoint now) override;
  void enqueue(ExchangePtr exchange, Place place);
  void refuse(ExchangePtr exchange, const Error& error);
  void count_out();

  const PoolConfig config_;
  net::DataPlane& plane_;  // owned by the server, which stops pools first
  std::unique_ptr<Crew> crew_;
  bool started_ = false;
  ExchangeQueue queue_;
  std::atomic<std::uint32_t> inside_{0};  // executing and waiting, as max_queue_size counts them
  std::atomic<std::uint64_t> executions_{0};
  std::atomic<bool> held_back_{false};  // reset: workers get nothing new
  std::atomic<bool> stopped_{false};
  std::mutex reset_mutex_;  // held by reset() and stop(): one at a time
  std::mutex idle_mutex_;   // for idle_, which stop() waits on until nothing is inside
  std::condition_variable idle_;
};

}  // namespace rr::pool
