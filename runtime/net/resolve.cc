#include "runtime/net/resolve.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdlib>
#include <cstring>

namespace rr::net {
namespace {

std::string text_of(const sockaddr& address, std::uint16_t& port) {
  char buffer[INET6_ADDRSTRLEN] = {};
  if (address.sa_family == AF_INET) {
    const auto& in = reinterpret_cast<const sockaddr_in&>(address);
    port = ntohs(in.sin_port);
    return inet_ntop(AF_INET, &in.sin_addr, buffer, sizeof buffer);
  }
  if (address.sa_family == AF_INET6) {
    const auto& in = reinterpret_cast<const sockaddr_in6&>(address);
    port = ntohs(in.sin6_port);
    return inet_ntop(AF_INET6, &in.sin6_addr, buffer, sizeof buffer);
  }
  return "@";
}

}  // namespace

std::string system_text(int code) {
  std::string text = std::strerror(code);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] + 32);
  return text;
}

Result<Addresses> resolve_listen_address(std::string_view text, int type) {
  const std::string listen = type == SOCK_STREAM ? "listen tcp" : "listen udp";
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return Error(Errc::invalid, "", "address " + std::string(text) + ": missing port in address");
  }
  std::string host(text.substr(0, colon));
  const std::string port(text.substr(colon + 1));
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  // getaddrinfo() takes larger numbers, too, and drops their upper bits.
  if ((port.size() > 5 && port.find_first_not_of("0123456789") == std::string::npos) ||
      std::strtol(port.c_str(), nullptr, 10) > 65535) {
    return Error(Errc::invalid, "", listen + ": address " + port + ": invalid port");
  }
  if (port.find_first_not_of("0123456789") != std::string::npos) {
    return Error(Errc::invalid, "",
                 listen + ": lookup " + listen.substr(7) + "/" + port + ": unknown port");
  }
  addrinfo hints{};
  hints.ai_family = host.empty() ? AF_INET : AF_UNSPEC;  // ":8080" is IPv4, as RoadRunner has it
  hints.ai_socktype = type;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int code =
          getaddrinfo(host.empty() ? nullptr : host.c_str(), port.c_str(), &hints, &found);
      code != 0) {
    return Error(Errc::invalid, "", listen + " " + std::string(text) + ": " + gai_strerror(code));
  }
  return Addresses(found);
}

Peer peer_of(const sockaddr& remote, const sockaddr& local) {
  Peer peer;
  peer.remote_address = text_of(remote, peer.remote_port);
  peer.local_address = text_of(local, peer.local_port);
  return peer;
}

}  // namespace rr::net
