#include "runtime/net/http1/server.h"

#include <utility>

namespace rr::net::http1 {

void Server::accept(int socket, const Peer& peer, std::unique_ptr<tls::Stream> stream) {
  fresh_.fetch_add(1, std::memory_order_acq_rel);
  connections_.open([this] { return std::make_unique<Connection>(*this); })
      .open(socket, peer, std::move(stream));
}

void Server::drain(Idle idle) {
  connections_.drain();
  if (idle == Idle::wait) return;
  closes_idle_.store(true, std::memory_order_release);
  reactor_.nudge_idle();
}

void Server::wait_begun(TimePoint deadline) {
  std::unique_lock lock(begun_mutex_);
  all_begun_.wait_until(lock, deadline,
                        [&] { return fresh_.load(std::memory_order_acquire) == 0; });
}

void Server::begun() {
  if (fresh_.fetch_sub(1, std::memory_order_acq_rel) != 1 || !draining()) return;
  std::lock_guard lock(begun_mutex_);
  all_begun_.notify_all();
}

}  // namespace rr::net::http1
