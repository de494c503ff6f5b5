#include "runtime/net/address_name.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>

namespace rr::net {

std::string address_name(const sockaddr& address, socklen_t length, Transport transport) {
  const std::string scheme = transport == Transport::tcp ? "tcp://" : "udp://";
  char text[INET6_ADDRSTRLEN] = {};
  switch (address.sa_family) {
    case AF_INET: {
      const auto& in = reinterpret_cast<const sockaddr_in&>(address);
      inet_ntop(AF_INET, &in.sin_addr, text, sizeof text);
      return scheme + text + ":" + std::to_string(ntohs(in.sin_port));
    }
    case AF_INET6: {
      const auto& in = reinterpret_cast<const sockaddr_in6&>(address);
      inet_ntop(AF_INET6, &in.sin6_addr, text, sizeof text);
      return scheme + "[" + text + "]:" + std::to_string(ntohs(in.sin6_port));
    }
    case AF_UNIX: {
      const auto& un = reinterpret_cast<const sockaddr_un&>(address);
      if (length <= offsetof(sockaddr_un, sun_path) || un.sun_path[0] == '\0') return "";
      const std::size_t room = length - offsetof(sockaddr_un, sun_path);
      return "unix://" + std::string(un.sun_path, strnlen(un.sun_path, room));
    }
    default:
      return "";
  }
}

}  // namespace rr::net
