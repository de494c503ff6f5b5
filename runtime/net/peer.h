// Who is at the other end of a socket.
#pragma once

#include <cstdint>
#include <string>

namespace rr::net {

struct Peer {
  std::string remote_address;  // "127.0.0.1", "::1"; "@" for a unix socket
  std::string local_address;
  std::uint16_t remote_port = 0;
  std::uint16_t local_port = 0;
};

}  // namespace rr::net
