// Who a client really is, as a trusted proxy in front says before the client's first byte.
#pragma once

#include <memory>

#include "runtime/net/connections.h"
#include "runtime/net/listener.h"
#include "runtime/net/proxy/header.h"

namespace rr::net::proxy {

class Headers;

// A socket until its header has come. It is only looked at (MSG_PEEK), so that what follows it
// stays in the socket. Ownership is the reactor's word.
class Waiting final : public Pollable {
 public:
  explicit Waiting(Headers& all) : all_(all) {}
  void open(int socket, const Peer& peer);
  void on_ready(Readiness readiness) override;
  void on_deadline(TimePoint now) override;

 private:
  void close();
  void hand_over(const Peer& peer);

  Headers& all_;  // owns this object
  int socket_ = -1;
  Handle handle_;
  Peer peer_;
};

// Thread-safe. What it is made of outlives it.
class Headers final : public Acceptor {
 public:
  static constexpr Duration kPatience = std::chrono::seconds(10);  // for the whole header

  // Clients that come from elsewhere are passed on as they are.
  Headers(Reactor& reactor, const Subnets& trusted, Acceptor& next)
      : reactor_(reactor), trusted_(trusted), next_(next) {}

  void accept(int socket, const Peer& peer) override {
    if (!trusted_.contains(peer.remote_address)) return next_.accept(socket, peer);
    connections_.open([this] { return std::make_unique<Waiting>(*this); }).open(socket, peer);
  }
  void drain() { connections_.drain(reactor_); }
  void wait_closed(TimePoint deadline) { connections_.wait_closed(deadline); }

 private:
  friend class Waiting;
  Reactor& reactor_;
  const Subnets& trusted_;
  Acceptor& next_;
  Connections<Waiting> connections_;
};

}  // namespace rr::net::proxy
