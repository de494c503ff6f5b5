// What the connections of one HTTP/1.x service share.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
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

class Server final : public ConnectionServer<Connection, http::Handler, ConnectionLimits>,
                     public Acceptor,
                     public tls::SecuredAcceptor {
 public:
  using ConnectionServer::ConnectionServer;

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
  bool closes_idle() const { return closes_idle_.load(std::memory_order_acquire); }
  // Blocks until every connection has handed over its first request or closed, or the deadline has
  // passed: before what answers them stops. After drain().
  void wait_begun(TimePoint deadline);

  // A connection has handed over its first request, or will not.
  void begun();

 private:
  PrefaceAcceptor* http2_ = nullptr;  // outlives this
  std::atomic<bool> closes_idle_{false};
  std::atomic<std::size_t> fresh_{0};  // connections without a first request
  std::mutex begun_mutex_;             // what all_begun_ waits with
  std::condition_variable all_begun_;
};

}  // namespace rr::net::http1
