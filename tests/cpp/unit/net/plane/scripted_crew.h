// Interpreter threads with a C++ function in place of PHP. They use the data plane and the pool in
// the way runtime/pool/embed does: what holds for them holds for PHP.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "rr/http.h"
#include "runtime/net/data_plane.h"
#include "runtime/pool/crew.h"

namespace rr::net::testing {

// What a script sees of its worker.
struct ScriptContext {
  HttpExchange& exchange;
  const std::atomic<int>& interrupts;  // how often it was asked to end
};

struct ScriptedOptions {
  enum class After { next_job, end_of_life };
  unsigned workers = 2;
  std::uint64_t max_jobs = 0;  // then a new life
  Duration exec_ttl{};
  Duration interrupt_step = std::chrono::milliseconds(10);
  std::function<void()> boot;  // of each life
  std::function<After(const ScriptContext&)> script;
};

class ScriptedWorker;

class ScriptedCrew final : public pool::Crew {
 public:
  ScriptedCrew(pool::CrewHost& host, DataPlane& plane, ScriptedOptions options);
  ~ScriptedCrew() override;

  Result<void> start() override;
  bool offer(ExchangePtr& exchange) override;
  void queued() override;
  Result<void> reset(TimePoint deadline) override;
  void stop(TimePoint deadline) override;
  void hasten(TimePoint) override {}
  TimePoint expire(TimePoint now) override;
  // As many as there were at the start.
  void add_worker(Done done) override { done(Error(Errc::worker_allocate, "", "scripted")); }
  void remove_worker(Which, Done done) override { done(Error(Errc::invalid, "", "scripted")); }
  std::vector<WorkerInfo> workers() const override;
  std::vector<WorkerStack> stacks(std::int64_t, TimePoint) override { return {}; }
  std::uint32_t abandoned() const override;

 private:
  friend class ScriptedWorker;
  pool::CrewHost& host_;
  DataPlane& plane_;
  const ScriptedOptions options_;
  mutable std::mutex mutex_;                              // guards workers_ and abandoned_
  std::vector<std::shared_ptr<ScriptedWorker>> workers_;  // shared with a reset() that waits for it
  std::vector<std::shared_ptr<ScriptedWorker>> abandoned_;
};

}  // namespace rr::net::testing
