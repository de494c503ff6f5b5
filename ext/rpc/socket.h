// The socket's side of rr_services: call, begin, ready, result and drop over goridge.
#ifndef RR_EMBED_RPC_SOCKET_H
#define RR_EMBED_RPC_SOCKET_H

#include <memory>

#include "ext/rpc/connection.h"

namespace rr::ext {

// `self` of its functions is a Connection; their default time limit is kDefaultSeconds.
extern const rr_services socket_services;
constexpr double kDefaultSeconds = 5;

// The connection of this thread to that address, made when there is none: one, which its users and
// the thread share, so that it lasts from one request of the engine to the next.
std::shared_ptr<Connection> connection_to(const Address& address);

// Between two requests of the engine: lets go of connections that nobody uses, but for a few.
void trim_connections();

// The module goes: those of this thread are closed.
void close_connections();

}  // namespace rr::ext

#endif
