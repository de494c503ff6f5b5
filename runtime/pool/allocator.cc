#include "runtime/pool/allocator.h"

#include <algorithm>
#include <utility>

namespace rr::pool {
namespace {

using namespace std::chrono_literals;

constexpr Duration kBetweenBatches = 1s;

}  // namespace

bool Allocator::starved(TimePoint now, TimePoint graced) {
  std::lock_guard lock(mutex_);
  last_starved_ = now;
  if (graced != TimePoint{} && failed_ > graced) {
    refusal_ = failure_;
    return false;
  }
  if (wanted_ + coming_ > 0) return true;
  if (additional_ >= config_.max_workers) {
    refusal_ = Error(Errc::no_free_workers, "",
                     "can't allocate more workers, increase max_workers option (max_workers limit "
                     "is 100)");
    // Another one may finish in a moment: once.
    return graced == TimePoint{};
  }
  if (now < next_batch_) return true;
  wanted_ = std::min(config_.spawn_rate, config_.max_workers - additional_);
  additional_ += wanted_;
  next_shrink_ = now + config_.idle_timeout;
  return true;
}

Error Allocator::refusal() const {
  std::lock_guard lock(mutex_);
  return refusal_;
}

TimePoint Allocator::tick(TimePoint now) {
  std::uint32_t grow = 0;
  std::uint32_t shrink = 0;
  TimePoint next;
  {
    std::lock_guard lock(mutex_);
    grow = std::exchange(wanted_, 0);
    coming_ += grow;
    if (now >= next_shrink_ && now < last_starved_ + config_.idle_timeout) {
      next_shrink_ = last_starved_ + config_.idle_timeout;
    } else if (now >= next_shrink_) {
      next_shrink_ = now + config_.idle_timeout;
      if (leaving_ == 0 && coming_ == 0) shrink = std::min(additional_, config_.spawn_rate);
      leaving_ += shrink;
    }
    if (additional_ == 0) next_shrink_ = TimePoint::max();
    next = next_shrink_;
  }
  if (grow > 0) log_.debug("no free workers, adding some", kv("workers", grow));
  for (; grow > 0; --grow) {
    scaler_.grow([this](const Result<void>& result) { grown(result); });
  }
  for (; shrink > 0; --shrink) {
    scaler_.shrink([this](const Result<void>& result) { shrunk(result); });
  }
  return next;
}

void Allocator::grown(const Result<void>& result) {
  {
    std::lock_guard lock(mutex_);
    if (--coming_ == 0) next_batch_ = Clock::now() + kBetweenBatches;
    if (result) return;
    --additional_;
    failed_ = Clock::now();
    failure_ = result.error();
  }
  log_.error("no worker could be added", kv("error", result.error().text()));
}

// One that found nobody idle is tried again at the next turn.
void Allocator::shrunk(const Result<void>& result) {
  std::lock_guard lock(mutex_);
  --leaving_;
  if (result) --additional_;
}

}  // namespace rr::pool
