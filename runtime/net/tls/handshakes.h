// What stands between a TLS port and the protocols behind it: handshakes.
#pragma once

#include <memory>

#include "rr/log.h"
#include "runtime/net/connections.h"
#include "runtime/net/listener.h"
#include "runtime/net/tls/store.h"
#include "runtime/net/tls/stream.h"

namespace rr::net::tls {

// Takes over sockets whose handshake is done. Any thread that polls.
class SecuredAcceptor {
 public:
  virtual void accept(int socket, const Peer& peer, std::unique_ptr<Stream> stream) = 0;

 protected:
  ~SecuredAcceptor() = default;
};

class Handshakes;

// A socket until its handshake is done. Ownership is the reactor's word.
class Handshake final : public Pollable {
 public:
  explicit Handshake(Handshakes& all) : all_(all) {}
  void open(int socket, const Peer& peer);

  void on_ready(Readiness readiness) override;
  void on_deadline(TimePoint now) override;

 private:
  void refuse_plain_http();
  bool read_away();
  void hand_over();
  void close();

  Handshakes& all_;  // owns this object
  int socket_ = -1;
  Handle handle_;
  Peer peer_;
  std::unique_ptr<Stream> stream_;
  bool refused_ = false;  // answered in plain HTTP: reads until the client has seen it
};

// Thread-safe. What it is made of outlives it.
class Handshakes final : public Acceptor {
 public:
  struct Limits {
    Duration handshake = std::chrono::minutes(1);  // the whole of it
    Duration linger = std::chrono::seconds(2);
  };
  // `http2` may be null: then nobody is offered HTTP/2 (Settings::http2 says the same).
  Handshakes(Reactor& reactor, const Store& store, SecuredAcceptor& http1, SecuredAcceptor* http2,
             Limits limits, log::Logger log);

  void accept(int socket, const Peer& peer) override;

  // Clients in the middle of a handshake are sent away.
  void drain() { connections_.drain(reactor_); }
  void wait_closed(TimePoint deadline) { connections_.wait_closed(deadline); }

 private:
  friend class Handshake;
  Reactor& reactor_;
  const Store& store_;
  SecuredAcceptor& http1_;
  SecuredAcceptor* const http2_;
  const Limits limits_;
  const log::Logger log_;
  Connections<Handshake> connections_;
};

}  // namespace rr::net::tls
