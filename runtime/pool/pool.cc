#include "runtime/pool/pool.h"

#include <algorithm>
#include <future>
#include <utility>

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
  if (before_start_) {
    if (auto ready = before_start_(); !ready) return ready;
  }
  if (auto started = crew_->start(); !started)
    return std::move(started).error().in("static_pool_allocate_workers");
  started_ = true;
  plane_.add_timed(*this);
  plane_.note_deadline(Clock::now());  // the crew may have some from its start on
  return {};
}

void WorkerPool::submit(ExchangePtr exchange) {
  // max_queue_size counts what executes too (spec 01 §6.2).
  const std::uint32_t inside = inside_.fetch_add(1, std::memory_order_seq_cst);
  if (config_.max_queue_size != 0 && !config_.debug && inside >= config_.max_queue_size) {
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
  if (!allocator_) {
    fail_all(queue_.take_expired(now), no_free_workers());
    return std::min(queue_.next_deadline(), crew_->expire(now));
  }
  auto expired = queue_.take_expired(now, [&](TimePoint graced) -> std::optional<TimePoint> {
    if (!allocator_->starved(now, graced)) return std::nullopt;
    return now + Allocator::kGrace;
  });
  if (!expired.empty()) fail_all(std::move(expired), allocator_->refusal());
  const TimePoint next_scaling =
      stopped_.load(std::memory_order_acquire) ? TimePoint::max() : allocator_->tick(now);
  return std::min({queue_.next_deadline(), next_scaling, crew_->expire(now)});
}

void WorkerPool::fail_all(std::vector<ExchangePtr> exchanges, const Error& error) {
  for (ExchangePtr& exchange : exchanges) {
    if (error.code == Errc::no_free_workers) events_.no_free_workers(error);
    count_out();
    exchange->fail_taken_over(error);
    exchange->conclude();
  }
}

// ---------------------------------------------------------------- how many

namespace {

// Waits for what a crew says, until the deadline; the crew may say it later.
class Awaited {
 public:
  Crew::Done teller() const {
    return [told = told_](Result<void> result) { told->set_value(std::move(result)); };
  }
  std::optional<Result<void>> wait_until(TimePoint deadline) {
    if (said_.wait_until(deadline) != std::future_status::ready) return std::nullopt;
    return said_.get();
  }

 private:
  // Of the waiting call and the crew: either may be the last.
  std::shared_ptr<std::promise<Result<void>>> told_ =
      std::make_shared<std::promise<Result<void>>>();
  std::future<Result<void>> said_ = told_->get_future();
};

}  // namespace

Result<void> WorkerPool::add_worker() {
  if (config_.debug) {
    log_.warn("a pool in debug mode starts a worker for each request: none is added");
    return {};
  }
  Awaited answer;
  grow(answer.teller());
  return *answer.wait_until(TimePoint::max());
}

Result<void> WorkerPool::remove_worker() {
  if (config_.debug) {
    log_.warn("a pool in debug mode keeps no workers: none is removed");
    return {};
  }
  if (stopped_.load(std::memory_order_acquire)) return pool_stopped();
  if (!leave_one()) {
    log_.warn("can't remove the last worker");
    return {};
  }
  Awaited answer;
  crew_->remove_worker(Crew::Which::any, answer.teller());
  const auto said = answer.wait_until(Clock::now() + config_.destroy_timeout);
  if (said && !*said) {
    size_.fetch_add(1, std::memory_order_relaxed);
    return *said;
  }
  return {};
}

void WorkerPool::grow(Crew::Done done) {
  if (stopped_.load(std::memory_order_acquire)) return done(pool_stopped());
  if (size_.fetch_add(1, std::memory_order_relaxed) >= PoolConfig::kMaxWorkers) {
    size_.fetch_sub(1, std::memory_order_relaxed);
    return done(
        Error(Errc::worker_allocate, "", "container is full, maximum number of workers reached"));
  }
  crew_->add_worker([this, done = std::move(done)](Result<void> result) {
    if (!result) size_.fetch_sub(1, std::memory_order_relaxed);
    done(std::move(result));
  });
}

void WorkerPool::shrink(Crew::Done done) {
  if (stopped_.load(std::memory_order_acquire)) return done(pool_stopped());
  if (!leave_one()) return done(Error(Errc::no_free_workers, "", "it is the last worker"));
  crew_->remove_worker(Crew::Which::idle, [this, done = std::move(done)](Result<void> result) {
    if (!result) size_.fetch_add(1, std::memory_order_relaxed);
    done(std::move(result));
  });
}

// Counts one worker fewer, unless it is the last.
bool WorkerPool::leave_one() {
  std::uint32_t size = size_.load(std::memory_order_relaxed);
  do {
    if (size <= 1) return false;
  } while (!size_.compare_exchange_weak(size, size - 1, std::memory_order_relaxed));
  return true;
}

// ---------------------------------------------------------------- reset and stop

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
  fail_all(queue_.take_all(), pool_stopped());
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
