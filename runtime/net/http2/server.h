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

class Server final : public ConnectionServer<Connection, http::Handler, ConnectionLimits>,
                     public tls::SecuredAcceptor,
                     public http1::PrefaceAcceptor {
 public:
  using ConnectionServer::ConnectionServer;

  void accept_preface(int socket, const Peer& peer, std::string_view bytes) override {
    accept(socket, peer, nullptr, bytes);
  }
  // Takes over a nonblocking socket. `early`: what a client has sent already, its preface at least.
  void accept(int socket, const Peer& peer, std::unique_ptr<tls::Stream> stream) override {
    accept(socket, peer, std::move(stream), {});
  }
  void accept(int socket, const Peer& peer, std::unique_ptr<tls::Stream> stream,
              std::string_view early) {
    connections_.open([this] { return std::make_unique<Connection>(*this); })
        .open(socket, peer, std::move(stream), early);
  }
};

}  // namespace rr::net::http2
