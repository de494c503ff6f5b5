#include "runtime/plugins/http/middleware/proxy_ip_parser/subnet.h"

#include <arpa/inet.h>

#include <algorithm>
#include <string>

namespace rr::http::proxy_ip {
namespace {

constexpr unsigned kMappedBits = 96;  // before an IPv4 address

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  const std::string name(text.substr(0, text.find('%')));
  Address out{};
  if (name.find(':') != std::string::npos) {
    if (inet_pton(AF_INET6, name.c_str(), out.data()) != 1) return std::nullopt;
    return out;
  }
  out[10] = out[11] = 0xff;
  if (inet_pton(AF_INET, name.c_str(), out.data() + 12) != 1) return std::nullopt;
  return out;
}

std::optional<Subnet> Subnet::parse(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos || text.find('%') != std::string_view::npos)
    return std::nullopt;
  const std::string_view digits = text.substr(slash + 1);
  if (digits.empty() || digits.size() > 3 ||
      digits.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  const auto network = parse_address(text.substr(0, slash));
  if (!network) return std::nullopt;
  const bool v4 = text.substr(0, slash).find(':') == std::string_view::npos;
  const auto bits = static_cast<unsigned>(std::stoul(std::string(digits)));
  if (bits > (v4 ? 32U : 128U)) return std::nullopt;
  Subnet subnet;
  subnet.network_ = *network;
  subnet.bits_ = v4 ? kMappedBits + bits : bits;
  return subnet;
}

bool Subnet::contains(const Address& address) const {
  const std::size_t whole = bits_ / 8;
  if (!std::equal(network_.begin(), network_.begin() + static_cast<std::ptrdiff_t>(whole),
                  address.begin()))
    return false;
  if (bits_ % 8 == 0) return true;
  const unsigned shift = 8 - bits_ % 8;
  return network_[whole] >> shift == address[whole] >> shift;
}

}  // namespace rr::http::proxy_ip
