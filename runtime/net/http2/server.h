// What the HTTP/2 connections of one service share.
#pragma once

#include <memory>
#include <string_view>

#include "runtime/net/connections.h"
#include "runtime/net/http/transaction.h"
#include "runtime/net/http1/server.h"
#include "runtime/net/http2/connection.h"
#include "runtime/net/tls/handshakes.h"

namespace rr::net::http2 {

// Thread-safe. Outlives the reactor's last event; the handler and the reactor outlive it.
class Server final : public tls::SecuredAcceptor, public http1::PrefaceAcceptor {
 public:
  Server(Reactor& reactor, http::Handler& handler, const ConnectionLimits& limits)
      : reactor_(reactor), handler_(handler), limits_(limits) {}

  void accept_preface(int socket, const Peer& peer, std::string_view bytes) override {
    accept(socket, peer, nullptr, bytes);
  }
  // Takes over a nonblocking socket. `early`: what a client has sent already, its preface at least.
  void accept(int socket, const Peer& peer, std::unique_ptr<tls::Stream> stream) override {
    accept(socket, peer, std::move(stream), {});
  }
  void accept(int socket, const Peer& peer, std::unique_ptr<tls::Stream> stream,
              std::string_view early);

  // Clients are told to open no more streams; connections close once theirs are answered.
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

}  // namespace rr::net::http2
