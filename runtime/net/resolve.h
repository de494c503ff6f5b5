// "host:port" as RoadRunner writes it (spec 02 §5.1), looked up.
#pragma once

#include <netdb.h>

#include <memory>
#include <string>
#include <string_view>

#include "rr/result.h"
#include "runtime/net/peer.h"

namespace rr::net {

struct FreeAddresses {
  void operator()(addrinfo* all) const { freeaddrinfo(all); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

// Addresses to listen on, for SOCK_STREAM or SOCK_DGRAM: at least one. ":port" is IPv4.
Result<Addresses> resolve_listen_address(std::string_view text, int type);

// What strerror(3) says as Go words it: tools and people search logs for "address already in use".
std::string system_text(int code);

// Numeric; "@" and no port for what is neither IPv4 nor IPv6.
Peer peer_of(const sockaddr& remote, const sockaddr& local);

}  // namespace rr::net
