#include "runtime/pool/pool.h"

#include <algorithm>

namespace rr::pool {
namespace {

Error queue_full() {
  return Error(Errc::queue_size, "static_pool_exec", "max queue size reached");
}
Error pool_stopped() {
  return Error(Errc::stopped, "static_pool_exec", "pool is stopped");
}
Error no_free_workers() {
  return Error(Errc::no_free_workers, "worker_watcher_get_free_worker",
               "no free workers in the pool, wait timeout exceed");
}

}  // namespace

WorkerPool::~WorkerPool() {
  if (started_) plane_.remove_timed(*this);
}

Result<void> WorkerPool::start() {
  if (auto started = crew_->start(); !started)
    return std::move(started).error().in("static_pool_allocate_workers");
  started_ = true;
  plane_.add_timed(*this);
  return {};
}

void WorkerPool::submit(ExchangePtr exchange) {
  // max_queue_size counts what executes too (spec 01 §6.2).
  const std::uint32_t inside = inside_.fetch_add(1, std::memory_order_seq_cst);
  if (config_.max_queue_size != 0 && inside >= config_.max_queue_size) {
    return refuse(std::move(exchange), queue_full());
  }
  if (stopped_.load(std::memory_order_seq_cst)) return refuse(std::move(exchange), pool_stopped());
  // Not past those who wait: a client that always has a next request ready would keep its worker.
  if (queue_.length() == 0 && !held_back_.load(std::memory_order_acquire) &&
      crew_->offer(exchange)) {
    executions_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  enqueue(std::move(exchange), Place::back);
}

void WorkerPool::refuse(ExchangePtr exchange, const Error& error) {
  count_out();
  if (!exchange->take_over_waiting()) return;
  exchange->fail_taken_over(error);
  exchange->conclude();
}

void WorkerPool::enqueue(ExchangePtr exchange, Place place) {
  const TimePoint deadline = Clock::now() + config_.allocate_timeout;
  if (place == Place::back) {
    queue_.push(std::move(exchange), deadline);
  } else {
    queue_.push_front(std::move(exchange), deadline);
  }
  plane_.note_deadline(deadline);
  if (!held_back_.load(std::memory_order_seq_cst)) crew_->queued();
}

ExchangePtr WorkerPool::take() {
  if (held_back_.load(std::memory_order_seq_cst)) return nullptr;
  ExchangePtr exchange = queue_.take();
  if (exchange) executions_.fetch_add(1, std::memory_order_relaxed);
  return exchange;
}

bool WorkerPool::work_waits() const {
  return queue_.length() > 0 && !held_back_.load(std::memory_order_seq_cst);
}

void WorkerPool::finished() {
  count_out();
}

void WorkerPool::count_out() {
  if (inside_.fetch_sub(1, std::memory_order_seq_cst) == 1 &&
      stopped_.load(std::memory_order_seq_cst)) {
    std::lock_guard lock(idle_mutex_);
    idle_.notify_all();
  }
}

void WorkerPool::hand_back(ExchangePtr exchange) {
  if (!exchange->requeue()) return count_out();  // taken over meanwhile
  enqueue(std::move(exchange), Place::front);
}

TimePoint WorkerPool::expire(TimePoint now) {
  for (ExchangePtr& exchange : queue_.take_expired(now)) {
    count_out();
    exchange->fail_taken_over(no_free_workers());
    exchange->conclude();
  }
  return std::min(queue_.next_deadline(), crew_->expire(now));
}

Result<void> WorkerPool::reset() {
  std::lock_guard lock(reset_mutex_);
  if (stopped_.load(std::memory_order_acquire)) return pool_stopped();
  held_back_.store(true, std::memory_order_seq_cst);
  auto result = crew_->reset(Clock::now() + config_.reset_timeout);
  held_back_.store(false, std::memory_order_seq_cst);
  // What came meanwhile found nobody to wake.
  for (std::size_t waiting = queue_.length(); waiting > 0; --waiting) crew_->queued();
  return result;
}

void WorkerPool::stop(TimePoint deadline) {
  std::lock_guard lock(reset_mutex_);
  stopped_.store(true, std::memory_order_seq_cst);
  {
    std::unique_lock idle_lock(idle_mutex_);
    idle_.wait_until(idle_lock, deadline,
                     [&] { return inside_.load(std::memory_order_seq_cst) == 0; });
  }
  for (ExchangePtr& exchange : queue_.take_all()) {
    count_out();
    exchange->fail_taken_over(pool_stopped());
    exchange->conclude();
  }
  crew_->stop(deadline);
}

std::vector<WorkerInfo> WorkerPool::workers() const {
  return crew_->workers();
}

PoolCounts WorkerPool::counts() const {
  return {.executions = executions_.load(std::memory_order_relaxed),
          .workers = static_cast<std::uint32_t>(crew_->workers().size()),
          .waiting = static_cast<std::uint32_t>(queue_.length()),
          .abandoned = crew_->abandoned()};
}

}  // namespace rr::pool
