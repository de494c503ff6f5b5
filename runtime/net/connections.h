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

  // From here on draining(); who is idle sees it when something else makes it look.
  void drain() { draining_.store(true, std::memory_order_release); }
  // Everything idle is told to look around.
  void drain(Reactor& reactor) {
    drain();
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

// What the connections of one service share, and what ends them. Thread-safe. Outlives the
// reactor's last event; the handler and the reactor outlive it.
template <class Connection, class Handler, class Limits>
class ConnectionServer {
 public:
  ConnectionServer(Reactor& reactor, Handler& handler, const Limits& limits)
      : reactor_(reactor), handler_(handler), limits_(limits) {}

  // Idle connections close, the others once what they are asked for is answered.
  void drain() { connections_.drain(reactor_); }
  // Blocks until no connection is open or the deadline has passed. After drain().
  void wait_closed(TimePoint deadline) { connections_.wait_closed(deadline); }
  bool draining() const { return connections_.draining(); }
  std::size_t open_connections() const { return connections_.count(); }

  Reactor& reactor() { return reactor_; }
  Handler& handler() { return handler_; }
  const Limits& limits() const { return limits_; }
  // A connection has closed and may be reused.
  void closed(Connection& connection) { connections_.closed(connection); }

 protected:
  ~ConnectionServer() = default;

  Reactor& reactor_;
  Handler& handler_;
  const Limits limits_;
  Connections<Connection> connections_;
};

}  // namespace rr::net
