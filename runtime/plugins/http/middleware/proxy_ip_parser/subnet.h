// Ranges of addresses in CIDR notation.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace rr::http::proxy_ip {

// An IPv6 address, or an IPv4 one mapped into it.
using Address = std::array<std::uint8_t, 16>;

// "127.0.0.1", "::1", "fe80::1%eth0". Nothing for anything else.
std::optional<Address> parse_address(std::string_view text);

class Subnet {
 public:
  // "10.0.0.0/8", "fd00::/8". Nothing for anything else, a lone address too.
  static std::optional<Subnet> parse(std::string_view text);
  bool contains(const Address& address) const;

 private:
  Address network_{};
  unsigned bits_ = 0;
};

}  // namespace rr::http::proxy_ip
