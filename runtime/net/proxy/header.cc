#include "runtime/net/proxy/header.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <cstring>

#include "runtime/net/http/chars.h"

namespace rr::net::proxy {
namespace {

constexpr std::string_view kVersion2("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::string_view kVersion1 = "PROXY ";
constexpr std::size_t kMostVersion1 = 107;

std::uint16_t number16(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>(static_cast<std::uint8_t>(bytes[at]) << 8 |
                                    static_cast<std::uint8_t>(bytes[at + 1]));
}

std::string address_text(int family, const char* bytes) {
  char text[INET6_ADDRSTRLEN];
  return inet_ntop(family, bytes, text, sizeof text) ? text : "";
}

std::string_view next_word(std::string_view& line) {
  const std::size_t space = line.find(' ');
  const std::string_view word = line.substr(0, space);
  line.remove_prefix(space == line.npos ? line.size() : space + 1);
  return word;
}

bool read_address(int family, std::string_view word, std::string& out) {
  std::uint8_t bytes[16];
  if (word.size() >= INET6_ADDRSTRLEN) return false;
  if (inet_pton(family, std::string(word).c_str(), bytes) != 1) return false;
  out = address_text(family, reinterpret_cast<const char*>(bytes));
  return true;
}

bool read_port(std::string_view word, std::uint16_t& out) {
  const std::int64_t port = word.size() > 5 ? -1 : http::chars::parse_length(word);
  if (port < 0 || port > 65535) return false;
  out = static_cast<std::uint16_t>(port);
  return true;
}

Parsed parse_version1(std::string_view bytes, std::size_t& size, Peer& peer) {
  const std::size_t end = bytes.substr(0, kMostVersion1).find("\r\n");
  if (end == bytes.npos) {
    return bytes.size() < kMostVersion1 ? Parsed::incomplete : Parsed::malformed;
  }
  size = end + 2;
  std::string_view line = bytes.substr(kVersion1.size(), end - kVersion1.size());
  const std::string_view family_name = next_word(line);
  if (family_name == "UNKNOWN") return Parsed::complete;
  if (family_name != "TCP4" && family_name != "TCP6") return Parsed::malformed;
  const int family = family_name == "TCP4" ? AF_INET : AF_INET6;
  Peer said;
  const bool good = read_address(family, next_word(line), said.remote_address) &&
                    read_address(family, next_word(line), said.local_address) &&
                    read_port(next_word(line), said.remote_port) &&
                    read_port(next_word(line), said.local_port) && line.empty();
  if (!good) return Parsed::malformed;
  peer = said;
  return Parsed::complete;
}

Parsed parse_version2(std::string_view bytes, std::size_t& size, Peer& peer) {
  if (bytes.size() < 16) return Parsed::incomplete;
  const auto command = static_cast<std::uint8_t>(bytes[12]);
  const auto family = static_cast<std::uint8_t>(bytes[13]);
  size = 16 + std::size_t{number16(bytes, 14)};
  if (size > kMostHeader || command >> 4 != 2 || (command & 15) > 1) return Parsed::malformed;
  if (bytes.size() < size) return Parsed::incomplete;
  const bool local = (command & 15) == 0;
  const bool v4 = family == 0x11;
  const bool v6 = family == 0x21;
  if (local || (!v4 && !v6)) return Parsed::complete;
  const std::size_t address = v4 ? 4 : 16;
  if (size < 16 + 2 * address + 4) return Parsed::malformed;
  const int kind = v4 ? AF_INET : AF_INET6;
  peer.remote_address = address_text(kind, bytes.data() + 16);
  peer.local_address = address_text(kind, bytes.data() + 16 + address);
  peer.remote_port = number16(bytes, 16 + 2 * address);
  peer.local_port = number16(bytes, 16 + 2 * address + 2);
  return Parsed::complete;
}

}  // namespace

Parsed parse_header(std::string_view bytes, std::size_t& size, Peer& peer) {
  const auto begins = [bytes](std::string_view prefix) {
    return bytes.substr(0, prefix.size()) == prefix.substr(0, bytes.size());
  };
  if (begins(kVersion1)) {
    return bytes.size() < kVersion1.size() ? Parsed::incomplete : parse_version1(bytes, size, peer);
  }
  return begins(kVersion2) ? parse_version2(bytes, size, peer) : Parsed::malformed;
}

std::optional<Subnets::Subnet> Subnets::parse(const std::string& entry) {
  const std::size_t slash = entry.find('/');
  const std::string address = entry.substr(0, slash);
  Subnet subnet{};
  subnet.family = address.find(':') == address.npos ? AF_INET : AF_INET6;
  if (inet_pton(subnet.family, address.c_str(), subnet.bytes) != 1) return std::nullopt;
  const int most = subnet.family == AF_INET ? 32 : 128;
  subnet.bits = most;
  if (slash != entry.npos) {
    const std::string bits = entry.substr(slash + 1);
    const std::int64_t number = bits.size() > 3 ? -1 : http::chars::parse_length(bits);
    if (number < 0 || number > most) return std::nullopt;
    subnet.bits = static_cast<int>(number);
  }
  return subnet;
}

std::optional<std::string> Subnets::wrong_entry(const std::vector<std::string>& entries) {
  for (const std::string& entry : entries) {
    if (entry != "unix" && !parse(entry)) return entry;
  }
  return std::nullopt;
}

Subnets::Subnets(const std::vector<std::string>& entries) {
  for (const std::string& entry : entries) {
    if (entry == "unix") {
      unix_ = true;
    } else if (const auto subnet = parse(entry)) {
      all_.push_back(*subnet);
    }
  }
}

bool Subnets::contains(const std::string& address) const {
  if (address == "@") return unix_;
  std::uint8_t bytes[16];
  const int family = address.find(':') == address.npos ? AF_INET : AF_INET6;
  if (inet_pton(family, address.c_str(), bytes) != 1) return false;
  for (const Subnet& subnet : all_) {
    if (subnet.family != family) continue;
    const int whole = subnet.bits / 8;
    const int rest = subnet.bits % 8;
    if (std::memcmp(bytes, subnet.bytes, static_cast<std::size_t>(whole)) != 0) continue;
    if (rest == 0 || (bytes[whole] ^ subnet.bytes[whole]) >> (8 - rest) == 0) return true;
  }
  return false;
}

}  // namespace rr::net::proxy
