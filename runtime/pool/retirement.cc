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

using Owners = std::vector<std::shared_ptr<Pool>>;

std::vector<Pool*> pointers(const Owners& pools) {
  std::vector<Pool*> all;
  for (const auto& pool : pools) all.push_back(pool.get());
  return all;
}

std::uint32_t abandoned_of(const Owners& pools) {
  std::uint32_t all = 0;
  for (const auto& pool : pools) all += pool->counts().abandoned;
  return all;
}

}  // namespace

void end_all(std::span<Pool* const> pools, void (Pool::*how)(TimePoint), TimePoint deadline) {
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < pools.size(); ++i)
    others.emplace_back([=] { (pools[i]->*how)(deadline); });
  if (!pools.empty()) (pools.front()->*how)(deadline);
  for (std::thread& each : others) each.join();
}

Retirement::~Retirement() {
  // Threads that are stuck in PHP use their pools for as long as the process lives.
  static auto& stuck = *new std::list<Leaving>;
  stuck.splice(stuck.end(), leaving_);
}

void Retirement::retire(std::vector<std::shared_ptr<Pool>> pools, Duration grace) {
  const TimePoint deadline = Clock::now() + grace;
  std::unique_lock lock(mutex_);
  join_gone(lock);
  Leaving& leaving = leaving_.emplace_back();
  leaving.pools = std::move(pools);
  leaving.thread = std::thread([this, &leaving, deadline] {
    pthread_setname_np(pthread_self(), "rr-retire");
    see_off(leaving, deadline);
  });
}

void Retirement::see_off(Leaving& leaving, TimePoint deadline) {
  Owners pools = leaving.pools;  // written by this thread only, from here on
  // Those that found them before they were replaced have submitted what they had.
  await_read_sections();
  end_all(pointers(pools), &Pool::retire, deadline);
  if (const auto stuck = abandoned_of(pools); stuck > 0) {
    log_.warn("threads of an earlier configuration are stuck in PHP and are left to themselves",
              kv("threads", stuck));
  }
  while (abandoned_of(pools) > 0) {
    std::unique_lock lock(mutex_);
    leaving.stuck = true;
    changed_.notify_all();
    if (changed_.wait_for(lock, kLookForStuck, [this] { return stopping_; })) return;
  }
  // Those that gave the last answers have returned from it.
  await_read_sections();
  {
    std::lock_guard lock(mutex_);
    leaving.pools.clear();
  }
  pools.clear();
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
  Owners all;
  std::unique_lock lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
  for (Leaving& each : leaving_) all.insert(all.end(), each.pools.begin(), each.pools.end());
  lock.unlock();
  // Returns once they have ended: their threads may be waiting for that with a later deadline.
  end_all(pointers(all), &Pool::retire, deadline);
  all.clear();
  for (Leaving& each : leaving_) {
    if (each.thread.joinable()) each.thread.join();
  }
}

std::uint32_t Retirement::abandoned() const {
  std::lock_guard lock(mutex_);
  std::uint32_t all = 0;
  for (const Leaving& each : leaving_) all += abandoned_of(each.pools);
  return all;
}

}  // namespace rr::pool
