// `http.trusted_subnets` and what belongs to it (spec 02 §1.1).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "rr/config.h"

namespace rr::http::proxy_ip {

// Which member of X-Forwarded-For is the client. `first`: RoadRunner's, which a client can choose
// itself unless the proxy replaces the field; `untrusted`: the last one that is no trusted proxy.
enum class ForwardedFor : std::uint8_t { first, untrusted };

constexpr auto config_names(ForwardedFor) {
  return std::array{
      std::pair<std::string_view, ForwardedFor>{"first", ForwardedFor::first},
      std::pair<std::string_view, ForwardedFor>{"untrusted", ForwardedFor::untrusted}};
}

struct ProxyIpConfig {
  std::vector<std::string> trusted_subnets;
  std::vector<std::string> trusted_headers;
  ForwardedFor forwarded_for = ForwardedFor::first;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("trusted_subnets", &ProxyIpConfig::trusted_subnets,
              "proxy_ip_parser: peers (CIDR) whose fields name the client"),
        field("trusted_headers", &ProxyIpConfig::trusted_headers,
              "proxy_ip_parser: those fields, in order; empty: Forwarded, X-Forwarded-For, "
              "X-Real-Ip, True-Client-Ip, Cf-Connecting-Ip"),
        field("forwarded_for", &ProxyIpConfig::forwarded_for,
              "proxy_ip_parser: the member of X-Forwarded-For that is the client: the first, or "
              "the last untrusted one"),
    };
  }
  void check(config::Errors& errors) const;  // the subnets
};

}  // namespace rr::http::proxy_ip
