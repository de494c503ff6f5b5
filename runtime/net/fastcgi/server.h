// What the FastCGI connections of one service share.
#pragma once

#include <memory>

#include "runtime/net/connections.h"
#include "runtime/net/fastcgi/connection.h"
#include "runtime/net/listener.h"

namespace rr::net::fastcgi {

// Thread-safe. Outlives the reactor's last event; the handler and the reactor outlive it.
class Server final : public Acceptor {
 public:
  Server(Reactor& reactor, http::Handler& handler, const ConnectionLimits& limits)
      : reactor_(reactor), handler_(handler), limits_(limits) {}

  void accept(int socket, const Peer& peer) override {
    connections_.open([this] { return std::make_unique<Connection>(*this); }).open(socket, peer);
  }

  // Idle connections close, the others after their answers.
  void drain() { connections_.drain(reactor_); }
  // Blocks until no connection is open or the deadline has passed. After drain().
  void wait_closed(TimePoint deadline) { connections_.wait_closed(deadline); }
  bool draining() const { return connections_.draining(); }
  std::size_t open_connections() const { return connections_.count(); }

  Reactor& reactor() { return reactor_; }
  http::Handler& handler() { return handler_; }
  const ConnectionLimits& limits() const { return limits_; }
  void closed(Connection& connection) { connections_.closed(connection); }

 private:
  Reactor& reactor_;
  http::Handler& handler_;
  const ConnectionLimits limits_;
  Connections<Connection> connections_;
};

}  // namespace rr::net::fastcgi
