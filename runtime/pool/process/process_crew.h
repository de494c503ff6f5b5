// The process kind of worker: PHP processes behind goridge frames on pipes.
//
// Two planes meet here. The data plane (any poller) moves exchanges and frames: IdleList,
// PipeWorker. The control plane (the one thread that runs `control`) starts, greets, watches, ends
// and replaces processes: WorkerProcess. A worker's pipes pass from the second to the first with
// join() and back with left().
#pragma once

#include <atomic>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "runtime/net/data_plane.h"
#include "runtime/pool/crew.h"
#include "runtime/pool/process/idle_list.h"
#include "runtime/pool/process/options.h"
#include "runtime/pool/process/pipe_worker.h"
#include "runtime/pool/process/worker_process.h"

namespace rr::pool {

// See Crew. start(), reset() and stop() block and must not be called on the control thread, which
// must run, one thread and always the same, from start() until stop() has returned. SIGPIPE is
// ignored in the whole process from the first crew on. Destroyed after stop(), when nobody polls
// the reactor or every exchange is over.
class ProcessCrew final : public Crew, private PipeCrew, private WorkerProcess::Owner {
 public:
  ProcessCrew(CrewHost& host, net::DataPlane& plane, boost::asio::io_context& control,
              ProcessOptions options);
  ~ProcessCrew() override;

  Result<void> start() override;
  bool offer(ExchangePtr& exchange) override;
  void queued() override { match(); }
  Result<void> reset(TimePoint deadline) override;
  void stop(TimePoint deadline) override;
  void hasten(TimePoint deadline) override;
  // Slow exchanges. Other deadlines are the reactor's, on each worker's own registration.
  TimePoint expire(TimePoint now) override;
  void add_worker(Done done) override;
  void remove_worker(Which which, Done done) override;
  std::vector<WorkerInfo> workers() const override;
  std::vector<WorkerStack> stacks(std::int64_t pid, TimePoint deadline) override;
  std::uint32_t abandoned() const override { return cut_off_.load(std::memory_order_relaxed); }

 private:
  struct Worker {
    Worker(std::uint32_t index, ProcessCrew& crew)
        : pipes(index, crew.reactor_, crew, crew.limits_),
          process(crew.control_, crew.options_, pipes, crew) {}
    PipeWorker pipes;
    WorkerProcess process;

    // Control thread.
    bool in_use = false;  // a process, or the next try at one, between begin() and ended()
    Done added;           // who waits for it to come up
    Done removed;         // who waits for it to go
  };
  static constexpr std::uint32_t kSlots = 4096;
  // What start() or reset() waits for. Lives in the waiting call.
  using Outcome = std::promise<Result<void>>;

  ExchangePtr take() override { return host_.take(); }
  void finished() override { host_.finished(); }
  void failed(const PipeWorker& worker, const Error& error) override {
    options_.events.failed(error, worker.status().pid.load(std::memory_order_relaxed));
  }
  void hand_back(ExchangePtr exchange) override { host_.hand_back(std::move(exchange)); }
  void began() override {
    if (options_.slow_exchange > Duration::zero())
      plane_.note_deadline(Clock::now() + options_.slow_exchange);
  }
  void over(const PipeWorker& worker, Exchange& exchange, TimePoint since, Slow slow) override;
  void became_idle(PipeWorker& worker, Stay stay) override;
  void left(PipeWorker& worker, Departure departure, std::string note) override;

  void came_up(WorkerProcess& process) override;
  void failed_to_start(WorkerProcess& process, const Error& error) override;
  void ended(WorkerProcess& process) override;

  void log_slow(const PipeWorker& worker, const RunningExchange& running) const;
  PipeWorker* claim();
  void match();
  void serve_one(ExchangePtr exchange);
  void watch();
  template <class Action>
  void at(boost::asio::steady_timer& timer, TimePoint when, Action&& action);
  template <class Action>
  void each_process(Action&& action);
  Worker* open_slot();
  void begin_one(Done added);
  void remove_one(Which which, Done done);
  Worker* removable(Which which);
  bool gone_from_reset(WorkerProcess& process);
  void settle(Outcome*& outcome, Result<void> result);
  void settle_end();
  void stop_by(TimePoint deadline);

  CrewHost& host_;                    // the pool, which owns this
  Timing& timing_;                    // the pool's as well
  net::DataPlane& plane_;             // outlives pools
  net::Reactor& reactor_;             // the data plane's
  boost::asio::io_context& control_;  // the server's, which stops pools first
  const ProcessOptions options_;
  const PipeLimits limits_;
  IdleList idle_;
  // A worker is made once and used for one process after another, so that nobody ever holds a
  // pointer to one that is gone. By index; those below slots_used_ exist.
  const std::unique_ptr<std::unique_ptr<Worker>[]> slots_;
  std::atomic<std::uint32_t> slots_used_{0};
  std::atomic<std::uint32_t> cut_off_{0};

  // Control thread only.
  std::vector<Worker*> free_slots_;
  std::uint32_t running_ = 0;  // workers in use
  Outcome* starting_ = nullptr;
  Outcome* resetting_ = nullptr;
  Outcome* stopping_ = nullptr;
  Error start_error_;
  std::size_t up_ = 0;                   // while starting_
  std::set<WorkerProcess*> to_come_up_;  // while resetting_
  bool closed_ = false;                  // nothing is started any more
  TimePoint stop_by_ = TimePoint::max();
  int timers_out_ = 0;                  // handlers that have not come back
  boost::asio::steady_timer deadline_;  // of reset() or stop()
  boost::asio::steady_timer watch_;     // soft limits
};

}  // namespace rr::pool
