#include "runtime/net/http1/server.h"

#include <utility>

namespace rr::net::http1 {

Server::Server(Reactor& reactor, http::Handler& handler, const ConnectionLimits& limits)
    : reactor_(reactor), handler_(handler), limits_(limits) {}

Server::~Server() = default;

void Server::accept(int socket, const Peer& peer, std::unique_ptr<tls::Stream> stream) {
  Connection* connection;
  {
    std::lock_guard lock(mutex_);
    if (free_.empty()) {
      connections_.push_back(std::make_unique<Connection>(*this));
      connection = connections_.back().get();
    } else {
      connection = free_.back();
      free_.pop_back();
    }
  }
  open_.fetch_add(1, std::memory_order_acq_rel);
  fresh_.fetch_add(1, std::memory_order_acq_rel);
  connection->open(socket, peer, std::move(stream));
}

void Server::drain(Idle idle) {
  draining_.store(true, std::memory_order_release);
  if (idle == Idle::wait) return;
  closes_idle_.store(true, std::memory_order_release);
  reactor_.nudge_idle();
}

void Server::wait_begun(TimePoint deadline) {
  std::unique_lock lock(mutex_);
  all_begun_.wait_until(lock, deadline,
                        [&] { return fresh_.load(std::memory_order_acquire) == 0; });
}

void Server::begun() {
  if (fresh_.fetch_sub(1, std::memory_order_acq_rel) != 1 || !draining()) return;
  std::lock_guard lock(mutex_);
  all_begun_.notify_all();
}

void Server::wait_closed(TimePoint deadline) {
  std::unique_lock lock(mutex_);
  all_closed_.wait_until(lock, deadline, [&] { return open_connections() == 0; });
}

void Server::closed(Connection& connection) {
  std::lock_guard lock(mutex_);
  free_.push_back(&connection);
  if (open_.fetch_sub(1, std::memory_order_acq_rel) == 1 && draining()) all_closed_.notify_all();
}

}  // namespace rr::net::http1
