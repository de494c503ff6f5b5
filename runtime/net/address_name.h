// The one written form of a socket's address: "tcp://127.0.0.1:8080", "udp://[::1]:8443",
// "unix:///run/x.sock".
#pragma once

#include <sys/socket.h>

#include <string>

namespace rr::net {

enum class Transport : unsigned char { tcp, udp };
// Of an IPv4, IPv6 or unix address; empty for others and for a unix socket without a path.
std::string address_name(const sockaddr& address, socklen_t length,
                         Transport transport = Transport::tcp);

}  // namespace rr::net
