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

// At the deadline of a stop: time enough to hear of it, no more.
constexpr Duration kStopGrace = 3s;
constexpr const char* kNoStack = "a worker process: only workers on threads can tell their stack";

Error stopped() {
  return Error(Errc::stopped, "", "pool is stopped");
}

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
      timing_(host.timing()),
      plane_(plane),
      reactor_(plane.reactor()),
      control_(control),
      options_(std::move(options)),
      limits_{.exec_ttl = options_.exec_ttl,
              .stream_timeout = options_.stream_timeout,
              .max_payload = options_.max_payload},
      slots_(new std::unique_ptr<Worker>[kSlots]),
      deadline_(control),
      watch_(control) {}

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
    PipeWorker& worker = slots_[entry->worker]->pipes;
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
    slots_[index]->process.left(departure, note);
  });
}

std::vector<WorkerInfo> ProcessCrew::workers() const {
  std::vector<WorkerInfo> all;
  if (options_.debug) return all;
  const std::uint32_t used = slots_used_.load(std::memory_order_acquire);
  for (std::uint32_t index = 0; index < used; ++index) {
    const WorkerStatus& status = slots_[index]->pipes.status();
    WorkerInfo info;
    info.pid = status.pid.load(std::memory_order_acquire);
    info.state = status.state();
    if (info.pid == 0 || info.state == WorkerState::inactive) continue;
    info.executions = status.executions.load(std::memory_order_relaxed);
    info.created_unix_ns = status.created_unix_ns.load(std::memory_order_relaxed);
    const ProcessStats stats = process_stats(static_cast<pid_t>(info.pid));
    info.memory_bytes = stats.resident_bytes;
    info.cpu_percent = stats.cpu_percent;
    info.running = slots_[index]->pipes.running();
    all.push_back(std::move(info));
  }
  return all;
}

// PHP is another process: what it runs it tells nobody.
std::vector<WorkerStack> ProcessCrew::stacks(std::int64_t pid, TimePoint) {
  std::vector<WorkerStack> all;
  const std::uint32_t used = slots_used_.load(std::memory_order_acquire);
  for (std::uint32_t index = 0; index < used; ++index) {
    const WorkerStatus& status = slots_[index]->pipes.status();
    WorkerStack stack;
    stack.pid = status.pid.load(std::memory_order_acquire);
    stack.state = status.state();
    if (stack.pid == 0 || stack.state == WorkerState::inactive) continue;
    if (pid != 0 && stack.pid != pid) continue;
    stack.running = slots_[index]->pipes.running();
    stack.note = kNoStack;
    all.push_back(std::move(stack));
  }
  return all;
}

void ProcessCrew::over(const PipeWorker& worker, Exchange& exchange, TimePoint since, Slow slow) {
  if (timing_.watched()) timing_.over(exchange, since);
  if (options_.slow_exchange <= Duration::zero() || slow == Slow::seen) return;
  // Over the limit since the guard has last looked.
  if (Clock::now() >= since + options_.slow_exchange) log_slow(worker, describe(exchange, since));
}

void ProcessCrew::log_slow(const PipeWorker& worker, const RunningExchange& running) const {
  const auto pid = worker.status().pid.load(std::memory_order_relaxed);
  options_.events.slow(running, pid, {}, kNoStack);
}

TimePoint ProcessCrew::expire(TimePoint now) {
  TimePoint next = TimePoint::max();
  if (options_.slow_exchange <= Duration::zero()) return next;
  const std::uint32_t used = slots_used_.load(std::memory_order_acquire);
  for (std::uint32_t index = 0; index < used; ++index) {
    PipeWorker& worker = slots_[index]->pipes;
    if (const auto slow = worker.grown_slow(now, options_.slow_exchange, next))
      log_slow(worker, *slow);
  }
  return next;
}

// ---------------------------------------------------------------- control plane

Result<void> ProcessCrew::start() {
  ignore_sigpipe();
  if (options_.debug || options_.workers == 0) return {};
  Outcome outcome;
  asio::post(control_, [this, &outcome] {
    if (closed_) return outcome.set_value(stopped());
    starting_ = &outcome;
    ++timers_out_;  // the crew must not go while we are in here
    for (std::uint32_t i = 0; i < options_.workers; ++i) {
      if (start_error_.code != Errc::none) break;
      begin_one({});
    }
    if (!closed_) watch();
    --timers_out_;
    settle_end();
  });
  return outcome.get_future().get();
}

Result<void> ProcessCrew::reset(TimePoint deadline) {
  if (options_.debug) return {};
  Outcome outcome;
  asio::post(control_, [this, &outcome, deadline] {
    if (closed_) return outcome.set_value(stopped());
    resetting_ = &outcome;
    each_process([this](WorkerProcess& process) {
      if (process.ending()) return;
      to_come_up_.insert(&process);
      process.renew();
    });
    if (to_come_up_.empty()) return settle(resetting_, {});
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
    if (starting_ && start_error_.code == Errc::none) start_error_ = stopped();
    watch_.cancel();
    each_process([](WorkerProcess& process) { process.end(); });
    stop_by(stop_by_ = std::min(stop_by_, deadline));
    settle_end();
  });
  (void)outcome.get_future().get();
}

void ProcessCrew::hasten(TimePoint deadline) {
  Outcome outcome;
  asio::post(control_, [this, &outcome, deadline] {
    if (deadline < std::exchange(stop_by_, std::min(stop_by_, deadline)) && stopping_) {
      stop_by(deadline);
    }
    outcome.set_value({});
  });
  (void)outcome.get_future().get();
}

void ProcessCrew::stop_by(TimePoint deadline) {
  at(deadline_, deadline, [this] {
    each_process(
        [](WorkerProcess& process) { process.stop_now(kStopGrace, WorkerProcess::Abandon::yes); });
  });
}

void ProcessCrew::serve_one(ExchangePtr exchange) {
  if (closed_) {
    host_.finished();
    exchange->fail(Error(Errc::stopped, "static_pool_exec", "pool is stopped"));
    return exchange->conclude();
  }
  Worker* worker = open_slot();
  if (!worker) {
    host_.finished();
    exchange->fail(Error(Errc::no_free_workers, "static_pool_exec", "too many processes"));
    return exchange->conclude();
  }
  worker->process.serve_one(std::move(exchange));
}

// A worker without a process, now in use. Null: there are kSlots already.
ProcessCrew::Worker* ProcessCrew::open_slot() {
  Worker* worker = nullptr;
  if (!free_slots_.empty()) {
    worker = free_slots_.back();
    free_slots_.pop_back();
  } else {
    const std::uint32_t index = slots_used_.load(std::memory_order_relaxed);
    if (index == kSlots) return nullptr;
    slots_[index] = std::make_unique<Worker>(index, *this);
    worker = slots_[index].get();
    slots_used_.store(index + 1, std::memory_order_release);
  }
  worker->in_use = true;
  ++running_;
  return worker;
}

void ProcessCrew::begin_one(Done added) {
  Worker* worker = open_slot();
  if (!worker) return added(Error(Errc::worker_allocate, "", "too many processes"));
  worker->added = std::move(added);
  worker->process.begin();
}

void ProcessCrew::add_worker(Done done) {
  asio::post(control_, [this, done = std::move(done)]() mutable {
    if (closed_) return done(stopped());
    begin_one(std::move(done));
  });
}

void ProcessCrew::remove_worker(Which which, Done done) {
  asio::post(control_, [this, which, done = std::move(done)]() mutable {
    remove_one(which, std::move(done));
  });
}

void ProcessCrew::remove_one(Which which, Done done) {
  if (closed_) return done(stopped());
  // Ours until put_back(): no job can come between the choice and the end.
  PipeWorker* idle = claim();
  Worker* worker = idle ? slots_[idle->index()].get() : removable(which);
  if (!worker) return done(Error(Errc::no_free_workers, "", "no worker is idle"));
  worker->removed = std::move(done);
  worker->process.end();
  if (idle) idle->put_back();
}

// One that is not ending already; rather one that works than one that is only coming up.
ProcessCrew::Worker* ProcessCrew::removable(Which which) {
  Worker* found = nullptr;
  if (which == Which::idle) return found;
  const std::uint32_t used = slots_used_.load(std::memory_order_relaxed);
  for (std::uint32_t index = 0; index < used; ++index) {
    Worker* worker = slots_[index].get();
    if (!worker->in_use || worker->process.ending()) continue;
    if (!found || (worker->process.joined() && !found->process.joined())) found = worker;
  }
  return found;
}

void ProcessCrew::came_up(WorkerProcess& process) {
  if (starting_ && start_error_.code == Errc::none && ++up_ == options_.workers) {
    settle(starting_, {});
  }
  Worker& worker = *slots_[process.pipes().index()];
  if (auto added = std::exchange(worker.added, {})) added({});
  if (gone_from_reset(process)) settle(resetting_, {});
}

// True: it was the last one that a reset waits for.
bool ProcessCrew::gone_from_reset(WorkerProcess& process) {
  if (to_come_up_.erase(&process) == 0 || !to_come_up_.empty() || !resetting_) return false;
  deadline_.cancel();
  return true;
}

void ProcessCrew::failed_to_start(WorkerProcess& process, const Error& error) {
  options_.events.failed(error, 0);
  Worker& worker = *slots_[process.pipes().index()];
  if (auto added = std::exchange(worker.added, {})) {
    process.end();
    return added(error);
  }
  if (ExchangePtr exchange = process.take_exchange()) {
    host_.finished();
    exchange->fail(error);
    return exchange->conclude();
  }
  if (closed_ || process.ending()) return;
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
  Worker& worker = *slots_[process.pipes().index()];
  worker.in_use = false;
  free_slots_.push_back(&worker);
  --running_;
  if (process.cut_off()) cut_off_.fetch_add(1, std::memory_order_relaxed);
  if (auto removed = std::exchange(worker.removed, {})) removed({});
  if (gone_from_reset(process)) settle(resetting_, {});
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
  // Whoever is told may destroy the crew: the one in stop() last, who may be alone by then.
  Outcome* const stopping = std::exchange(stopping_, nullptr);
  Outcome* const starting = start_failed ? std::exchange(starting_, nullptr) : nullptr;
  const Error why = start_error_;
  if (starting) starting->set_value(why);
  if (stopping) stopping->set_value({});
}

void ProcessCrew::settle(Outcome*& outcome, Result<void> result) {
  std::exchange(outcome, nullptr)->set_value(std::move(result));
}

void ProcessCrew::watch() {
  if (!options_.limits.any()) return;
  at(watch_, Clock::now() + options_.limits.watch_tick, [this] {
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
  const std::uint32_t used = slots_used_.load(std::memory_order_relaxed);
  for (std::uint32_t index = 0; index < used; ++index) {
    if (slots_[index]->in_use) action(slots_[index]->process);
  }
}

}  // namespace rr::pool
