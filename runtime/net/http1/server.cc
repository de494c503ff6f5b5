#include "runtime/net/http1/server.h"

#include <utility>

namespace rr::net::http1 {

Server::Server(Reactor& reactor, http::Handler& handler, const ConnectionLimits& limits)
    : reactor_(reactor), handler_(handler), limits_(limits) {}

Server::~Server() = default;

void Server::accept(int socket, const Peer& peer, std::unique_ptr<tls::Stream> stream) {
  connections_.open([this] { return std::make_unique<Connection>(*this); })
      .open(socket, peer, std::move(stream));
}

}  // namespace rr::net::http1
