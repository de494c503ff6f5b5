#include "runtime/pool/embed/embed_crew.h"

#include <algorithm>
#include <chrono>

#include "runtime/pool/embed/embed_worker.h"

namespace rr::pool {
namespace {

using namespace std::chrono_literals;

constexpr auto kLastInterrupts = 100ms;  // between attempts at a stop whose deadline has passed

// A thread that never came back still uses its worker: both are left to the end of the process.
std::vector<std::shared_ptr<EmbedWorker>>& left_behind() {
  static auto& workers = *new std::vector<std::shared_ptr<EmbedWorker>>;
  return workers;
}

}  // namespace

EmbedCrew::EmbedCrew(CrewHost& host, net::DataPlane& plane, EmbedOptions options, log::Logger log)
    : shared_{host, plane, std::move(options), log, {}} {}

EmbedCrew::~EmbedCrew() {
  for (auto& worker : abandoned_) {
    if (!worker->has_ended()) left_behind().push_back(worker);
  }
}

Result<void> EmbedCrew::start() {
  const TimePoint deadline = Clock::now() + shared_.options.allocate_timeout;
  {
    std::lock_guard lock(mutex_);
    for (std::uint32_t id = 1; id <= shared_.options.workers; ++id) {
      workers_.push_back(std::make_shared<EmbedWorker>(shared_, static_cast<int>(id)));
      workers_.back()->set_crew(*this);
      workers_.back()->start();
    }
  }
  for (auto& worker : workers_) {
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

Result<void> EmbedCrew::reset(TimePoint deadline) {
  std::vector<std::shared_ptr<EmbedWorker>> all;
  {
    std::lock_guard lock(mutex_);
    all = workers_;
  }
  for (auto& worker : all) worker->recycle_now();
  Result<void> result;
  for (auto& worker : all) {
    auto ready = worker->wait_ready(deadline);
    if (!ready && Clock::now() >= deadline) {
      worker->interrupt();
      ready = worker->wait_ready(Clock::now() + shared_.options.allocate_timeout);
    }
    if (!ready && result) result = std::move(ready);
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
    std::swap(all, workers_);
  }
  for (auto& worker : all) worker->leave();
  for (auto& worker : all) {
    bool ended = worker->wait_ended(deadline);
    for (int attempt = 0; !ended && attempt < 3; ++attempt) {
      worker->interrupt();
      ended = worker->wait_ended(Clock::now() + kLastInterrupts);
    }
    if (!ended) {
      std::lock_guard lock(mutex_);
      abandoned_.push_back(std::move(worker));
    }
  }
}

TimePoint EmbedCrew::expire(TimePoint now) {
  TimePoint next = TimePoint::max();
  std::lock_guard lock(mutex_);
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
  std::erase_if(abandoned_, [](const auto& worker) { return worker->has_ended(); });
  return next;
}

std::vector<WorkerInfo> EmbedCrew::workers() const {
  std::lock_guard lock(mutex_);
  std::vector<WorkerInfo> infos;
  for (const auto& worker : workers_) infos.push_back(worker->info());
  return infos;
}

std::uint32_t EmbedCrew::abandoned() const {
  std::lock_guard lock(mutex_);
  return static_cast<std::uint32_t>(
      std::count_if(abandoned_.begin(), abandoned_.end(),
                    [](const auto& worker) { return !worker->has_ended(); }));
}

}  // namespace rr::pool
