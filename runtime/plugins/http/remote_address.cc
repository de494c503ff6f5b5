#include "runtime/plugins/http/remote_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

namespace rr::http {
namespace {

// Go's net.SplitHostPort, host only.
std::optional<std::string_view> host_of(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  std::string_view host = address.substr(0, colon);
  if (address.starts_with('[')) {
    const std::size_t end = address.find(']');
    if (end == address.npos || end + 1 != colon) return std::nullopt;
    host = address.substr(1, end - 1);
    if (host.find('[') != host.npos) return std::nullopt;
  } else if (host.find_first_of(":[]") != host.npos) {
    return std::nullopt;
  }
  if (address.substr(colon + 1).find_first_of("[]") != address.npos) return std::nullopt;
  return host;
}

}  // namespace

std::optional<std::string> reduce_remote_address(std::string_view address) {
  if (address.find(':') == address.npos) return std::string(address);
  if (auto host = host_of(address)) return std::string(*host);
  in6_addr binary{};
  char text[INET6_ADDRSTRLEN];
  if (::inet_pton(AF_INET6, std::string(address).c_str(), &binary) != 1 ||
      ::inet_ntop(AF_INET6, &binary, text, sizeof text) == nullptr) {
    return std::nullopt;
  }
  return text;
}

}  // namespace rr::http
