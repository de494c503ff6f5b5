// What the connections of one HTTP/1.x service share.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "runtime/net/connections.h"
#include "runtime/net/http1/connection.h"
#include "runtime/net/listener.h"
#include "runtime/net/tls/handshakes.h"

namespace rr::net::http1 {

// Takes over a client that began with HTTP/2's preface (RFC 9113 §3.3). Any thread that polls.
class PrefaceAcceptor {
 public:
  // `bytes`: what was read so far, the beginning of the preface.
  virtual void accept_preface(int socket, const Peer& peer, std::string_view bytes) = 0;

 protected:
  ~PrefaceAcceptor() = default;
};

// Thread-safe. Outlives the reactor's last event; the handler and the reactor outlive it.
class Server final : public Acceptor, public tls::SecuredAcceptor {
 public:
  Server(Reactor& reactor, http::Handler& handler, const ConnectionLimits& limits);
  ~Server();  // no thread may drive the reactor any more

  // Without: a preface is refused like any other version. Before the first client.
  void set_http2(PrefaceAcceptor& http2) { http2_ = &http2; }
  PrefaceAcceptor* http2() const { return http2_; }

  // Takes over an accepted, nonblocking socket.
  void accept(int socket, const Peer& peer) override { accept(socket, peer, nullptr); }
  void accept(int socket, const Peer& peer, std::unique_ptr<tls::Stream> stream) override;

  // Idle connections close, the others after their answer, which says so.
  void drain() { connections_.drain(reactor_); }
  // Blocks until no connection is open or the deadline has passed. After drain().
  void wait_closed(TimePoint deadline) { connections_.wait_closed(deadline); }
  bool draining() const { return connections_.draining(); }
  std::size_t open_connections() const { return connections_.count(); }

  Reactor& reactor() { return reactor_; }
  http::Handler& handler() { return handler_; }
  const ConnectionLimits& limits() const { return limits_; }

  // A connection has closed and may be reused.
  void closed(Connection& connection) { connections_.closed(connection); }

 private:
  Reactor& reactor_;
  http::Handler& handler_;
  const ConnectionLimits limits_;
  PrefaceAcceptor* http2_ = nullptr;  // outlives this
  Connections<Connection> connections_;
};

}  // namespace rr::net::http1
