#include "runtime/pool/embed/embed_crew.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "runtime/pool/embed/embed_worker.h"

namespace rr::pool {
namespace {

using namespace std::chrono_literals;

constexpr auto kLookForEnded = 1s;       // after one was told to leave
constexpr auto kLastInterrupts = 100ms;  // between attempts at a stop whose deadline has passed
constexpr auto kLookAtDeadline = 50ms;   // which hasten() may have moved

Error stopped() {
  return Error(Errc::stopped, "", "the pool is stopped");
}

// A thread that never came back still uses its worker: both are left to the end of the process.
std::vector<std::shared_ptr<EmbedWorker>>& left_behind() {
  static auto& workers = *new std::vector<std::shared_ptr<EmbedWorker>>;
  return workers;
}

}  // namespace

EmbedCrew::EmbedCrew(CrewHost& host, net::DataPlane& plane, EmbedOptions options, log::Logger log)
    : shared_{host, host.timing(), plane, std::move(options), log, {}} {}

EmbedCrew::~EmbedCrew() {
  if (shared_.options.gone) shared_.options.gone(*this);
  shared_.plane.remove_takers(*this);
  for (auto& worker : abandoned_) {
    if (!worker->has_ended()) left_behind().push_back(worker);
  }
}

Result<void> EmbedCrew::start() {
  const TimePoint deadline = Clock::now() + shared_.options.allocate_timeout;
  std::vector<std::shared_ptr<EmbedWorker>> all;
  shared_.plane.add_takers(*this);
  {
    std::lock_guard lock(mutex_);
    if (closed_) return stopped();
    for (std::uint32_t id = 1; id <= shared_.options.workers; ++id) {
      workers_.push_back(std::make_shared<EmbedWorker>(shared_, static_cast<int>(id)));
      workers_.back()->set_crew(*this);
      workers_.back()->start();
    }
    all = workers_;
  }
  for (auto& worker : all) {
    if (auto ready = worker->wait_ready(deadline); !ready) {
      stop(Clock::now() + 1s);
      return ready;
    }
  }
  return {};
}

bool EmbedCrew::offer(ExchangePtr& exchange) {
  EmbedWorker* worker = EmbedWorker::here();
  return worker && worker->accept(*this, exchange);
}

void EmbedCrew::queued() {
  shared_.plane.work_queued();
  if (!shared_.bells.load(std::memory_order_seq_cst)) return;
  std::lock_guard lock(mutex_);
  for (auto& worker : workers_) worker->ring();
}

void EmbedCrew::wake_one() {
  std::lock_guard lock(mutex_);
  const auto idle =
      std::find_if(workers_.begin(), workers_.end(), [](auto& worker) { return worker->waits(); });
  // Those that are not idle look for work before they wait.
  if (idle != workers_.end()) (*idle)->wake();
}

Result<void> EmbedCrew::reset(TimePoint deadline) {
  std::vector<std::shared_ptr<EmbedWorker>> all;
  {
    std::lock_guard lock(mutex_);
    all = workers_;
  }
  for (auto& worker : all) worker->recycle_now();
  Result<void> result;
  for (auto& worker : all) {
    auto ready = worker->wait_ready(deadline + kResetGrace);
    if (!ready && Clock::now() >= deadline + kResetGrace) {
      worker->interrupt();
      ready = worker->wait_ready(Clock::now() + shared_.options.allocate_timeout);
    }
    // One that was removed meanwhile is no failure.
    if (!ready && result && !worker->leaves()) result = std::move(ready);
  }
  return result;
}

void EmbedCrew::drain() {
  std::lock_guard lock(mutex_);
  for (auto& worker : workers_) worker->recycle_soon();
}

void EmbedCrew::stop(TimePoint deadline) {
  std::vector<std::shared_ptr<EmbedWorker>> all;
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
    std::swap(all, workers_);
    std::move(leaving_.begin(), leaving_.end(), std::back_inserter(all));
    leaving_.clear();
  }
  hasten(deadline);
  for (auto& worker : all) worker->leave();
  for (auto& worker : all) {
    if (ends(*worker)) continue;
    std::lock_guard lock(mutex_);
    abandoned_.push_back(std::move(worker));
  }
  // Those threads have been joined that could be: nobody comes from idle() with a wake-up.
  shared_.plane.remove_takers(*this);
}

void EmbedCrew::hasten(TimePoint deadline) {
  TimePoint before = stop_by_.load(std::memory_order_relaxed);
  while (deadline < before &&
         !stop_by_.compare_exchange_weak(before, deadline, std::memory_order_relaxed)) {
  }
}

// A worker that has been told to leave. False: it is stuck.
bool EmbedCrew::ends(EmbedWorker& worker) {
  bool ended = false;
  TimePoint deadline;
  do {
    deadline = stop_by_.load(std::memory_order_relaxed);
    ended = worker.wait_ended(std::min(deadline, Clock::now() + kLookAtDeadline));
  } while (!ended && Clock::now() < deadline);
  for (int attempt = 0; !ended && attempt < 3; ++attempt) {
    worker.interrupt();
    ended = worker.wait_ended(Clock::now() + kLastInterrupts);
  }
  return ended;
}

// Under the lock. Looks at the soft limits when it is time; returns when to look again.
TimePoint EmbedCrew::supervise(TimePoint now) {
  const SoftLimits& limits = shared_.options.limits;
  if (!limits.any() || shared_.options.debug) return TimePoint::max();
  if (next_tick_ == TimePoint{}) next_tick_ = now + limits.watch_tick;
  if (now < next_tick_) return next_tick_;
  for (auto& worker : workers_) worker->supervise(now);
  return next_tick_ = now + limits.watch_tick;
}

TimePoint EmbedCrew::expire(TimePoint now) {
  std::lock_guard lock(mutex_);
  TimePoint next = supervise(now);
  for (auto& worker : workers_) {
    bool stuck = false;
    next = std::min(next, worker->expire(now, stuck));
    if (!stuck) continue;
    shared_.log.warn("script does not end past exec_ttl: answered for it, starting a new thread",
                     kv("worker", worker->id()));
    auto replacement = std::make_shared<EmbedWorker>(shared_, worker->id());
    replacement->set_crew(*this);
    replacement->start();
    std::swap(worker, replacement);
    abandoned_.push_back(std::move(replacement));
  }
  forget_ended();
  if (!leaving_.empty()) next = std::min(next, now + kLookForEnded);
  return next;
}

// Under the lock. Gives their stacks back.
void EmbedCrew::forget_ended() {
  std::erase_if(abandoned_, [](const auto& worker) { return worker->has_ended(); });
  std::erase_if(leaving_, [](const auto& worker) { return worker->has_ended(); });
}

// ---------------------------------------------------------------- how many

// Under the lock.
int EmbedCrew::free_id() const {
  for (int id = 1;; ++id) {
    if (std::none_of(workers_.begin(), workers_.end(),
                     [id](const auto& worker) { return worker->id() == id; })) {
      return id;
    }
  }
}

void EmbedCrew::add_worker(Done done) {
  std::unique_lock lock(mutex_);
  if (closed_) {
    lock.unlock();
    return done(stopped());
  }
  forget_ended();
  auto worker = std::make_shared<EmbedWorker>(shared_, free_id());
  worker->set_crew(*this);
  worker->tell_when_up(std::move(done));
  workers_.push_back(worker);
  worker->start();
}

void EmbedCrew::dismiss(EmbedWorker& worker) {
  std::lock_guard lock(mutex_);
  const auto place = std::find_if(workers_.begin(), workers_.end(),
                                  [&](const auto& other) { return other.get() == &worker; });
  if (place == workers_.end()) return;  // the pool stops, and sees to it
  worker.leave();
  leaving_.push_back(std::move(*place));
  workers_.erase(place);
  shared_.plane.note_deadline(Clock::now() + kLookForEnded);
}

void EmbedCrew::remove_worker(Which which, Done done) {
  std::shared_ptr<EmbedWorker> chosen;
  {
    std::lock_guard lock(mutex_);
    // The youngest idle one: the first ones keep their numbers.
    auto place = std::find_if(workers_.rbegin(), workers_.rend(), [](const auto& worker) {
      return worker->state() == WorkerState::ready;
    });
    if (place == workers_.rend() && which == Which::any) place = workers_.rbegin();
    if (place != workers_.rend()) {
      chosen = *place;
      workers_.erase(std::next(place).base());
      leaving_.push_back(chosen);
    }
  }
  if (!chosen) return done(Error(Errc::no_free_workers, "", "no worker is idle"));
  chosen->tell_when_gone(std::move(done));
  chosen->leave();
  shared_.plane.note_deadline(Clock::now() + kLookForEnded);
}

std::vector<WorkerInfo> EmbedCrew::workers() const {
  std::vector<WorkerInfo> infos;
  if (shared_.options.debug) return infos;
  std::lock_guard lock(mutex_);
  for (const auto& worker : workers_) infos.push_back(worker->info());
  return infos;
}

// All are asked before one is waited for.
std::vector<WorkerStack> EmbedCrew::stacks(std::int64_t pid, TimePoint deadline) {
  std::vector<std::pair<std::shared_ptr<EmbedWorker>, std::shared_ptr<php::StackAsk>>> asked;
  {
    std::lock_guard lock(mutex_);
    for (const auto* workers : {&workers_, &abandoned_}) {
      for (const auto& worker : *workers) {
        if (worker->has_ended() || (pid != 0 && worker->pid() != pid)) continue;
        asked.emplace_back(worker, worker->ask_stack());
      }
    }
  }
  std::vector<WorkerStack> stacks;
  for (const auto& [worker, ask] : asked) stacks.push_back(worker->told_stack(ask.get(), deadline));
  return stacks;
}

std::uint32_t EmbedCrew::abandoned() const {
  std::lock_guard lock(mutex_);
  return static_cast<std::uint32_t>(
      std::count_if(abandoned_.begin(), abandoned_.end(),
                    [](const auto& worker) { return !worker->has_ended(); }));
}

}  // namespace rr::pool
