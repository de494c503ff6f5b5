// Exchanges that wait for a worker.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "rr/exchange.h"

namespace rr::pool {

// First in, first out. Thread-safe. `length()` may be read without the lock: the reactor's pollers
// look at it between counting themselves as waiting and waiting.
class ExchangeQueue {
 public:
  void push(ExchangePtr exchange, TimePoint deadline);
  // For an exchange that was taken but not begun: it keeps its place in front.
  void push_front(ExchangePtr exchange, TimePoint deadline);
  // Null when empty. Exchanges that somebody else has answered meanwhile are dropped on the way.
  ExchangePtr take();
  // Takes out what has waited too long and is still waiting (the caller has then won it). `prolong`
  // may give one a new deadline instead; it is told since when that exchange has been waiting on
  // such grace (the epoch: never before) and must not call the queue.
  using Prolong = std::function<std::optional<TimePoint>(TimePoint graced)>;
  std::vector<ExchangePtr> take_expired(TimePoint now, const Prolong& prolong = nullptr);
  // Takes out everything that is still waiting.
  std::vector<ExchangePtr> take_all();
  // When the first one expires; TimePoint::max() when empty.
  TimePoint next_deadline() const;
  std::size_t length() const { return length_.load(std::memory_order_seq_cst); }

 private:
  struct Waiting {
    ExchangePtr exchange;
    TimePoint deadline;
    TimePoint graced{};  // when its deadline was first moved
  };
  std::atomic<std::size_t> length_{0};
  mutable std::mutex mutex_;  // guards waiting_
  std::deque<Waiting> waiting_;
};

}  // namespace rr::pool
