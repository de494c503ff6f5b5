// Workers that are interpreters on threads of this process. Idle ones poll the reactor and run what
// they complete (docs/data-plane.md).
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "rr/log.h"
#include "runtime/net/data_plane.h"
#include "runtime/php/interpreter.h"
#include "runtime/pool/crew.h"
#include "runtime/pool/soft_limits.h"
#include "runtime/pool/worker_events.h"

namespace rr::pool {

class EmbedCrew;
class EmbedWorker;

struct EmbedOptions {
  std::string name{};  // of the pool, where a plugin has several
  std::uint32_t workers = 1;
  std::uint64_t max_jobs = 0;   // 0: no limit; each worker draws up to 14 % more
  Duration allocate_timeout{};  // until the script asks for work
  Duration exec_ttl{};          // 0: none
  Duration slow_exchange{};     // 0: none; see PoolFactory::Wanted
  SoftLimits limits;
  // The script starts anew for each exchange, when it comes; `limits` and `max_jobs` do not count.
  bool debug = false;
  php::ScriptConfig script;
  WorkerEvents events;
  // The crew is about to be destroyed. May be empty.
  std::function<void(EmbedCrew&)> gone;
};

// What the workers of one crew share.
struct EmbedShared {
  CrewHost& host;         // the pool, which owns the crew
  Timing& timing;         // the pool's as well
  net::DataPlane& plane;  // outlives the pool
  const EmbedOptions options;
  log::Logger log;
  std::atomic<bool> bells{false};  // a script waits for a descriptor of its own
};

class EmbedCrew final : public Crew, private net::Takers {
 public:
  EmbedCrew(CrewHost& host, net::DataPlane& plane, EmbedOptions options, log::Logger log);
  ~EmbedCrew() override;

  Result<void> start() override;
  bool offer(ExchangePtr& exchange) override;
  void queued() override;
  Result<void> reset(TimePoint deadline) override;
  void stop(TimePoint deadline) override;
  void hasten(TimePoint deadline) override;
  // Every script leaves as soon as it can and starts anew; does not wait. Any thread.
  void drain();
  TimePoint expire(TimePoint now) override;
  void add_worker(Done done) override;
  void remove_worker(Which which, Done done) override;
  std::vector<WorkerInfo> workers() const override;
  std::vector<WorkerStack> stacks(std::int64_t pid, TimePoint deadline) override;
  std::uint32_t abandoned() const override;

  // A worker that add_worker() started has not come up: it leaves. On its thread.
  void dismiss(EmbedWorker& worker);

 private:
  bool work_waits() const override { return shared_.host.work_waits(); }
  void wake_one() override;
  bool ends(EmbedWorker& worker);
  TimePoint supervise(TimePoint now);
  int free_id() const;
  void forget_ended();

  EmbedShared shared_;
  TimePoint next_tick_{};  // guard thread
  std::atomic<TimePoint> stop_by_{TimePoint::max()};
  mutable std::mutex mutex_;  // guards what follows
  // Shared with a reset() or start() that waits for one while expire() replaces it.
  std::vector<std::shared_ptr<EmbedWorker>> workers_;
  // Stuck in a call past exec_ttl, replaced in workers_, counted until they return.
  std::vector<std::shared_ptr<EmbedWorker>> abandoned_;
  bool closed_ = false;  // no worker comes any more
  // Told to leave for good, not gone yet.
  std::vector<std::shared_ptr<EmbedWorker>> leaving_;
};

}  // namespace rr::pool
