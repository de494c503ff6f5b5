// The FastCGI service: what its connections share.
#pragma once

#include <memory>

#include "runtime/net/connections.h"
#include "runtime/net/fastcgi/connection.h"
#include "runtime/net/listener.h"

namespace rr::net::fastcgi {

class Server final : public ConnectionServer<Connection, http::Handler, ConnectionLimits>,
                     public Acceptor {
 public:
  using ConnectionServer::ConnectionServer;

  void accept(int socket, const Peer& peer) override {
    connections_.open([this] { return std::make_unique<Connection>(*this); }).open(socket, peer);
  }
};

}  // namespace rr::net::fastcgi
