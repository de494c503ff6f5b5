#include "runtime/pool/retirement.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "runtime/core/read_section.h"

namespace rr::pool {
namespace {

using namespace std::chrono_literals;

constexpr auto kLookForStuck = 200ms;

}  // namespace

Retirement::~Retirement() {
  // Threads that are stuck in PHP use their pools for as long as the process lives.
  static auto& stuck = *new std::list<Leaving>;
  stuck.splice(stuck.end(), leaving_);
}

void Retirement::retire(std::shared_ptr<Pool> pool, Duration grace) {
  const TimePoint deadline = Clock::now() + grace;
  std::unique_lock lock(mutex_);
  join_gone(lock);
  Leaving& leaving = leaving_.emplace_back();
  leaving.pool = std::move(pool);
  leaving.thread = std::thread([this, &leaving, deadline] {
    pthread_setname_np(pthread_self(), "rr-retire");
    see_off(leaving, deadline);
  });
}

void Retirement::see_off(Leaving& leaving, TimePoint deadline) {
  std::shared_ptr<Pool> pool = leaving.pool;  // written by this thread only, from here on
  // Those that found it before it was replaced have submitted what they had.
  await_read_sections();
  pool->retire(deadline);
  if (const auto stuck = pool->counts().abandoned; stuck > 0) {
    log_.warn("threads of an earlier configuration are stuck in PHP and are left to themselves",
              kv("threads", stuck));
  }
  while (pool->counts().abandoned > 0) {
    std::unique_lock lock(mutex_);
    leaving.stuck = true;
    changed_.notify_all();
    if (changed_.wait_for(lock, kLookForStuck, [this] { return stopping_; })) return;
  }
  // Those that gave the last answers have returned from it.
  await_read_sections();
  {
    std::lock_guard lock(mutex_);
    leaving.pool.reset();
  }
  pool.reset();
  std::lock_guard lock(mutex_);
  leaving.gone = true;
  changed_.notify_all();
}

// Under the lock, which is let go while a thread is joined.
void Retirement::join_gone(std::unique_lock<std::mutex>& lock) {
  std::list<Leaving> gone;
  for (auto each = leaving_.begin(); each != leaving_.end();) {
    const auto next = std::next(each);
    if (each->gone) gone.splice(gone.end(), leaving_, each);
    each = next;
  }
  lock.unlock();
  for (Leaving& each : gone) each.thread.join();
  lock.lock();
}

bool Retirement::await_fewer_than(std::size_t most) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] {
    const auto there = std::count_if(leaving_.begin(), leaving_.end(),
                                     [](const Leaving& each) { return !each.gone && !each.stuck; });
    return stopping_ || static_cast<std::size_t>(there) < most;
  });
  join_gone(lock);
  return !stopping_;
}

void Retirement::stop(TimePoint deadline) {
  std::vector<std::shared_ptr<Pool>> pools;
  std::unique_lock lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
  for (Leaving& each : leaving_) {
    if (each.pool) pools.push_back(each.pool);
  }
  lock.unlock();
  // Returns once the pool has ended: its thread may be waiting for that with a later deadline.
  for (auto& pool : pools) pool->retire(deadline);
  pools.clear();
  for (Leaving& each : leaving_) {
    if (each.thread.joinable()) each.thread.join();
  }
}

std::uint32_t Retirement::abandoned() const {
  std::lock_guard lock(mutex_);
  std::uint32_t all = 0;
  for (const Leaving& each : leaving_) {
    if (each.pool) all += each.pool->counts().abandoned;
  }
  return all;
}

}  // namespace rr::pool
