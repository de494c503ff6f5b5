// The header of the PROXY protocol, versions 1 and 2 (HAProxy's specification), sans I/O. Fuzzed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/net/peer.h"

namespace rr::net::proxy {

constexpr std::size_t kMostHeader = 4096;  // with what version 2 may append

enum class Parsed : std::uint8_t { incomplete, complete, malformed };
// On `complete` `size` bytes are the header's. `peer` gets the client's addresses and ports, unless
// the proxy speaks for itself (LOCAL, UNKNOWN, unix sockets).
Parsed parse_header(std::string_view bytes, std::size_t& size, Peer& peer);

// Networks in CIDR notation, and "unix" for unix sockets.
class Subnets {
 public:
  // Null, or the entry that is none.
  static std::optional<std::string> wrong_entry(const std::vector<std::string>& entries);
  explicit Subnets(const std::vector<std::string>& entries);  // of which none is wrong
  bool contains(const std::string& address) const;

 private:
  struct Subnet {
    std::uint8_t bytes[16];
    int family;
    int bits;
  };
  static std::optional<Subnet> parse(const std::string& entry);
  std::vector<Subnet> all_;
  bool unix_ = false;
};

}  // namespace rr::net::proxy
