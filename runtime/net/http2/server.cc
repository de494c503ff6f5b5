#include "runtime/net/http2/server.h"

#include <utility>

namespace rr::net::http2 {

void Server::accept(int socket, const Peer& peer, std::unique_ptr<tls::Stream> stream,
                    std::string_view early) {
  connections_.open([this] { return std::make_unique<Connection>(*this); })
      .open(socket, peer, std::move(stream), early);
}

}  // namespace rr::net::http2
