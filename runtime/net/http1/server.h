// What the connections of one HTTP/1.x service share.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

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

  // Connections close after their answer, which says so; idle ones at once, or after the answer to
  // their next request. May be called again to close those, too. One that has not had a request yet
  // may send it within ConnectionLimits::first.
  enum class Idle : bool { close, wait };
  void drain(Idle idle);
  // Blocks until every connection has handed over its first request or closed, or the deadline has
  // passed: before what answers them stops. After drain().
  void wait_begun(TimePoint deadline);
  // Blocks until no connection is open or the deadline has passed. After drain().
  void wait_closed(TimePoint deadline);
  bool draining() const { return draining_.load(std::memory_order_acquire); }
  bool closes_idle() const { return closes_idle_.load(std::memory_order_acquire); }
  std::size_t open_connections() const { return open_.load(std::memory_order_acquire); }

  Reactor& reactor() { return reactor_; }
  http::Handler& handler() { return handler_; }
  const ConnectionLimits& limits() const { return limits_; }

  // A connection has closed and may be reused.
  void closed(Connection& connection);
  // A connection has handed over its first request, or will not.
  void begun();

 private:
  Reactor& reactor_;
  http::Handler& handler_;
  const ConnectionLimits limits_;
  PrefaceAcceptor* http2_ = nullptr;  // outlives this
  std::atomic<bool> draining_{false};
  std::atomic<bool> closes_idle_{false};
  std::atomic<std::size_t> open_{0};
  std::atomic<std::size_t> fresh_{0};  // of these, without a first request
  std::mutex mutex_;  // guards connections_ and free_, and is what the conditions wait with
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Connection*> free_;
  std::condition_variable all_closed_;
  std::condition_variable all_begun_;
};

}  // namespace rr::net::http1
