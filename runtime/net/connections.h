// The connections of one service: objects that are recycled, never freed while a thread polls, and
// what a server that ends needs to know of them.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "rr/exchange.h"
#include "runtime/net/reactor.h"

namespace rr::net {

// Thread-safe. Destroyed when no thread drives the reactor any more.
template <class Connection>
class Connections {
 public:
  // A connection that is not in use, and counts as open from here on. `make` gives a unique_ptr.
  template <class Make>
  Connection& open(Make&& make) {
    open_.fetch_add(1, std::memory_order_acq_rel);
    std::lock_guard lock(mutex_);
    if (free_.empty()) {
      all_.push_back(std::forward<Make>(make)());
      return *all_.back();
    }
    Connection* connection = free_.back();
    free_.pop_back();
    return *connection;
  }
  // It has closed and may be used again, by any thread at once.
  void closed(Connection& connection) {
    std::lock_guard lock(mutex_);
    free_.push_back(&connection);
    if (open_.fetch_sub(1, std::memory_order_acq_rel) == 1 && draining()) none_open_.notify_all();
  }

  // Everything idle is told to look around: it sees draining().
  void drain(Reactor& reactor) {
    draining_.store(true, std::memory_order_release);
    reactor.nudge_idle();
  }
  bool draining() const { return draining_.load(std::memory_order_acquire); }
  std::size_t count() const { return open_.load(std::memory_order_acquire); }
  // Blocks until none is open or the deadline has passed. After drain().
  void wait_closed(TimePoint deadline) {
    std::unique_lock lock(mutex_);
    none_open_.wait_until(lock, deadline, [&] { return count() == 0; });
  }

 private:
  std::atomic<bool> draining_{false};
  std::atomic<std::size_t> open_{0};
  std::mutex mutex_;  // guards all_ and free_, and is what none_open_ waits with
  std::vector<std::unique_ptr<Connection>> all_;
  std::vector<Connection*> free_;
  std::condition_variable none_open_;
};

}  // namespace rr::net
