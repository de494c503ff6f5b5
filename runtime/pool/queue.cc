#include "runtime/pool/queue.h"

#include <algorithm>

namespace rr::pool {

void ExchangeQueue::push(ExchangePtr exchange, TimePoint deadline) {
  std::lock_guard lock(mutex_);
  waiting_.push_back({std::move(exchange), deadline});
  length_.store(waiting_.size(), std::memory_order_seq_cst);
}

void ExchangeQueue::push_front(ExchangePtr exchange, TimePoint deadline) {
  std::lock_guard lock(mutex_);
  // Not later than those behind it: the front is the first to expire.
  if (!waiting_.empty()) deadline = std::min(deadline, waiting_.front().deadline);
  waiting_.push_front({std::move(exchange), deadline});
  length_.store(waiting_.size(), std::memory_order_seq_cst);
}

ExchangePtr ExchangeQueue::take() {
  if (length() == 0) return nullptr;
  ExchangePtr taken;
  std::lock_guard lock(mutex_);
  while (!waiting_.empty() && !taken) {
    ExchangePtr front = std::move(waiting_.front().exchange);
    waiting_.pop_front();
    if (front->begin()) taken = std::move(front);
  }
  length_.store(waiting_.size(), std::memory_order_seq_cst);
  return taken;
}

std::vector<ExchangePtr> ExchangeQueue::take_expired(TimePoint now, const Prolong& prolong) {
  std::vector<ExchangePtr> expired;
  std::lock_guard lock(mutex_);
  std::erase_if(waiting_, [&](Waiting& waiting) {
    if (waiting.deadline > now) return false;
    if (prolong && waiting.exchange->state() == ExchangeState::waiting) {
      if (const auto later = prolong(waiting.graced)) {
        if (waiting.graced == TimePoint{}) waiting.graced = now;
        waiting.deadline = *later;
        return false;
      }
    }
    if (waiting.exchange->take_over_waiting()) expired.push_back(std::move(waiting.exchange));
    return true;
  });
  length_.store(waiting_.size(), std::memory_order_seq_cst);
  return expired;
}

std::vector<ExchangePtr> ExchangeQueue::take_all() {
  return take_expired(TimePoint::max());
}

TimePoint ExchangeQueue::next_deadline() const {
  std::lock_guard lock(mutex_);
  TimePoint next = TimePoint::max();
  // In order of arrival, but for those that were given more time.
  for (const Waiting& waiting : waiting_) {
    next = std::min(next, waiting.deadline);
    if (waiting.graced == TimePoint{}) break;
  }
  return next;
}

}  // namespace rr::pool
