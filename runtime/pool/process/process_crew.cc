#include "runtime/pool/process/process_crew.h"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include <boost/asio/post.hpp>

#include "runtime/pool/process/process_stats.h"

namespace rr::pool {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

// A worker that still runs a job at the deadline of a reset has this long to finish it and stop.
constexpr Duration kResetGrace = 10s;
// At the deadline of a stop: time enough to hear of it, no more.
constexpr Duration kStopGrace = 3s;

void ignore_sigpipe() {
  static const bool done = [] {
    signal(SIGPIPE, SIG_IGN);
    return true;
  }();
  (void)done;
}

}  // namespace

ProcessCrew::ProcessCrew(CrewHost& host, net::DataPlane& plane, asio::io_context& control,
                         ProcessOptions options)
    : host_(host),
      reactor_(plane.reactor()),
      control_(control),
      options_(std::move(options)),
      limits_{.exec_ttl = options_.exec_ttl,
              .stream_timeout = options_.stream_timeout,
              .max_payload = options_.max_payload},
      deadline_(control),
      watch_(control) {
  if (options_.debug) return;
  for (std::uint32_t index = 0; index < options_.workers; ++index) {
    workers_.push_back(std::make_unique<Worker>(index, *this));
  }
}

ProcessCrew::~ProcessCrew() = default;

// ---------------------------------------------------------------- data plane

bool ProcessCrew::offer(ExchangePtr& exchange) {
  if (options_.debug) {
    if (!exchange->begin()) return false;
    asio::post(control_, [this, raw = exchange.release()] { serve_one(ExchangePtr(raw)); });
    return true;
  }
  PipeWorker* worker = claim();
  if (!worker) return false;
  if (!exchange->begin()) {
    // Somebody has answered it meanwhile.
    host_.finished();
    exchange.reset();
    worker->put_back();
    return true;
  }
  worker->run(std::move(exchange));
  return true;
}

// An idle worker, owned by the caller.
PipeWorker* ProcessCrew::claim() {
  while (const auto entry = idle_.pop()) {
    if (!reactor_.try_own(entry->stay.handle)) continue;  // gone, or somebody drives it
    PipeWorker& worker = workers_[entry->worker]->pipes;
    if (worker.free_and_clean()) return &worker;
    worker.enter();
  }
  return nullptr;
}

void ProcessCrew::became_idle(PipeWorker& worker, Stay stay) {
  idle_.add({worker.index(), stay});
  // Who queued just before found nobody in the list.
  if (host_.work_waits()) match();
}

// Brings waiting exchanges and idle workers together.
void ProcessCrew::match() {
  while (host_.work_waits()) {
    PipeWorker* worker = claim();
    if (!worker) return;
    ExchangePtr exchange = host_.take();
    if (!exchange) return worker->put_back();  // which looks for work once more
    worker->run(std::move(exchange));
  }
}

void ProcessCrew::left(PipeWorker& worker, Departure departure, std::string note) {
  asio::post(control_, [this, index = worker.index(), departure, note = std::move(note)] {
    auto& all = options_.debug ? singles_ : workers_;
    all[index]->process.left(departure, note);
  });
}

std::vector<WorkerInfo> ProcessCrew::workers() const {
  std::vector<WorkerInfo> all;
  for (const auto& worker : workers_) {
    const WorkerStatus& status = worker->pipes.status();
    WorkerInfo info;
    info.pid = status.pid.load(std::memory_order_acquire);
    info.state = status.state();
    if (info.pid == 0 || info.state == WorkerState::inactive) continue;
    info.executions = status.executions.load(std::memory_order_relaxed);
    info.created_unix_ns = status.created_unix_ns.load(std::memory_order_relaxed);
    info.memory_bytes = resident_bytes(static_cast<pid_t>(info.pid));
    info.cpu_percent = cpu_percent(static_cast<pid_t>(info.pid));
    all.push_back(info);
  }
  return all;
}

// ---------------------------------------------------------------- control plane

Result<void> ProcessCrew::start() {
  ignore_sigpipe();
  if (options_.debug || workers_.empty()) return {};
  Outcome outcome;
  asio::post(control_, [this, &outcome] {
    starting_ = &outcome;
    for (auto& worker : workers_) {
      ++running_;
      worker->process.begin();
    }
    watch();
  });
  return outcome.get_future().get();
}

Result<void> ProcessCrew::reset(TimePoint deadline) {
  if (options_.debug || workers_.empty()) return {};
  Outcome outcome;
  asio::post(control_, [this, &outcome, deadline] {
    if (closed_) return outcome.set_value(Error(Errc::stopped, "", "pool is stopped"));
    resetting_ = &outcome;
    for (auto& worker : workers_) to_come_up_.insert(&worker->process);
    each_process([](WorkerProcess& process) { process.renew(); });
    at(deadline_, deadline, [this] {
      for (WorkerProcess* process : to_come_up_) {
        if (process->joined()) process->stop_now(kResetGrace, WorkerProcess::Abandon::no);
      }
    });
  });
  return outcome.get_future().get();
}

void ProcessCrew::stop(TimePoint deadline) {
  Outcome outcome;
  asio::post(control_, [this, &outcome, deadline] {
    closed_ = true;
    stopping_ = &outcome;
    watch_.cancel();
    each_process([](WorkerProcess& process) { process.end(); });
    at(deadline_, deadline, [this] {
      each_process([](WorkerProcess& process) {
        process.stop_now(kStopGrace, WorkerProcess::Abandon::yes);
      });
    });
    settle_end();
  });
  (void)outcome.get_future().get();
}

void ProcessCrew::serve_one(ExchangePtr exchange) {
  if (closed_) {
    host_.finished();
    exchange->fail(Error(Errc::stopped, "static_pool_exec", "pool is stopped"));
    return exchange->conclude();
  }
  if (free_singles_.empty()) {
    const auto index = static_cast<std::uint32_t>(singles_.size());
    singles_.push_back(std::make_unique<Worker>(index, *this));
    free_singles_.push_back(singles_.back().get());
  }
  Worker* worker = free_singles_.back();
  free_singles_.pop_back();
  ++running_;
  worker->process.serve_one(std::move(exchange));
}

void ProcessCrew::came_up(WorkerProcess& process) {
  options_.log.debug("worker has come up", kv("pid", process.pipes().status().pid.load()));
  if (starting_ && start_error_.code == Errc::none && ++up_ == workers_.size()) {
    settle(starting_, {});
  }
  if (to_come_up_.erase(&process) > 0 && to_come_up_.empty() && resetting_) {
    deadline_.cancel();
    settle(resetting_, {});
  }
}

void ProcessCrew::failed_to_start(WorkerProcess& process, const Error& error) {
  if (closed_) return;
  if (ExchangePtr exchange = process.take_exchange()) {
    host_.finished();
    exchange->fail(error);
    return exchange->conclude();
  }
  if (starting_) {
    if (start_error_.code != Errc::none) return;
    start_error_ = error;
    each_process([](WorkerProcess& other) {
      other.end();
      other.stop_now(Duration::zero(), WorkerProcess::Abandon::yes);
    });
    return;
  }
  options_.log.error("worker has not come up and is tried again", kv("error", error.text()));
  if (resetting_) {
    to_come_up_.clear();
    deadline_.cancel();
    settle(resetting_, error);
  }
}

void ProcessCrew::ended(WorkerProcess& process) {
  --running_;
  if (options_.debug) free_singles_.push_back(singles_[process.pipes().index()].get());
  settle_end();
}

// Tells whoever waits for the end, when the last process is gone and no handler of ours is on its
// way: the crew may be destroyed at once.
void ProcessCrew::settle_end() {
  const bool start_failed = starting_ && start_error_.code != Errc::none;
  if ((!stopping_ && !start_failed) || running_ > 0) return;
  closed_ = true;
  deadline_.cancel();
  watch_.cancel();
  if (timers_out_ > 0) return;
  if (start_failed) {
    settle(starting_, start_error_);
  } else {
    settle(stopping_, {});
  }
}

void ProcessCrew::settle(Outcome*& outcome, Result<void> result) {
  std::exchange(outcome, nullptr)->set_value(std::move(result));
}

void ProcessCrew::watch() {
  const ProcessLimits& limits = options_.limits;
  if (limits.ttl <= Duration::zero() && limits.idle_ttl <= Duration::zero() &&
      limits.memory_bytes == 0) {
    return;
  }
  at(watch_, Clock::now() + limits.watch_tick, [this] {
    if (closed_) return;
    const TimePoint now = Clock::now();
    each_process([now](WorkerProcess& process) { process.supervise(now); });
    watch();
  });
}

template <class Action>
void ProcessCrew::at(asio::steady_timer& timer, TimePoint when, Action&& action) {
  timer.expires_at(when);
  ++timers_out_;
  timer.async_wait([this, action = std::forward<Action>(action)](boost::system::error_code error) {
    --timers_out_;
    if (!error) action();
    settle_end();
  });
}

template <class Action>
void ProcessCrew::each_process(Action&& action) {
  for (auto& worker : workers_) action(worker->process);
  for (auto& worker : singles_) {
    if (std::find(free_singles_.begin(), free_singles_.end(), worker.get()) ==
        free_singles_.end()) {
      action(worker->process);
    }
  }
}

}  // namespace rr::pool
