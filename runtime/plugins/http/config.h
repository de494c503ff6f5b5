// The `http` section, as far as it is built (spec 02 §1).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "rr/config.h"
#include "runtime/net/proxy/header.h"
#include "runtime/plugins/http/protocols_config.h"
#include "runtime/plugins/http/routes/config.h"
#include "runtime/plugins/http/uploads_config.h"
#include "runtime/pool/config.h"

namespace rr::http {

// How requests to process workers are encoded. `json` costs the unmodified SDK a tenth of protobuf
// without ext-protobuf (spec 02 §2.1).
enum class Codec : std::uint8_t { automatic, json, proto };

constexpr auto config_names(Codec) {
  return std::array{std::pair<std::string_view, Codec>{"auto", Codec::automatic},
                    std::pair<std::string_view, Codec>{"json", Codec::json},
                    std::pair<std::string_view, Codec>{"proto", Codec::proto}};
}

// Which end of `http.middleware` sees requests first. `stable`: the last one, as RoadRunner up to
// 2025; `listed`: the first one.
enum class MiddlewareOrder : std::uint8_t { stable, listed };

constexpr auto config_names(MiddlewareOrder) {
  return std::array{
      std::pair<std::string_view, MiddlewareOrder>{"stable", MiddlewareOrder::stable},
      std::pair<std::string_view, MiddlewareOrder>{"listed", MiddlewareOrder::listed}};
}

struct HttpConfig {
  std::string address;
  std::vector<std::string> addresses;
  std::vector<std::string> proxy_protocol;
  std::uint32_t internal_error_code = 500;
  bool access_logs = false;
  Duration slow_request{};
  config::Megabytes max_request_size{1000};
  bool raw_body = false;
  std::vector<std::string> middleware;
  MiddlewareOrder middleware_order = MiddlewareOrder::stable;
  Codec codec = Codec::automatic;
  bool reuse_port = false;
  UploadsConfig uploads;
  SslConfig ssl;
  Http2Config http2;
  Http3Config http3;
  FcgiConfig fcgi;
  pool::PoolConfig pool;
  std::map<std::string, pool::PoolConfig> pools;
  std::vector<RouteConfig> routes;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("address", &HttpConfig::address, "where to listen: host:port, :port, unix:///path"),
        field("addresses", &HttpConfig::addresses, "further addresses of the same kind"),
        field("proxy_protocol", &HttpConfig::proxy_protocol,
              "networks (CIDR, or unix) whose proxies begin connections with the PROXY protocol"),
        field("internal_error_code", &HttpConfig::internal_error_code,
              "status of answers that PHP could not give, 400 to 599"),
        field("access_logs", &HttpConfig::access_logs, "more fields in the record of each request"),
        field(
            "slow_request", &HttpConfig::slow_request,
            "log requests that a worker has for longer, with their PHP stack on threads; 0: none"),
        field("max_request_size", &HttpConfig::max_request_size, "largest request body"),
        field("raw_body", &HttpConfig::raw_body, "leave forms and multipart bodies to PHP"),
        field("middleware", &HttpConfig::middleware, "names of middleware"),
        field("middleware_order", &HttpConfig::middleware_order,
              "stable: the last one listed is the outermost; listed: the first one"),
        field("codec", &HttpConfig::codec, "encoding of requests to processes; auto: json"),
        field("reuse_port", &HttpConfig::reuse_port,
              "share the address with another server (SO_REUSEPORT)"),
        field("uploads", &HttpConfig::uploads, "uploaded files"),
        field("ssl", &HttpConfig::ssl, "HTTP over TLS"),
        field("http2", &HttpConfig::http2, "HTTP/2; over TLS it is always on"),
        field("http3", &HttpConfig::http3, "HTTP/3, beside the other ways in"),
        field("fcgi", &HttpConfig::fcgi, "FastCGI, for a web server in front"),
        field("pool", &HttpConfig::pool, "the workers"),
        field("pools", &HttpConfig::pools, "further workers, for `routes` to send requests to"),
        field("routes", &HttpConfig::routes,
              "which requests go to which of `pools`, and what else is special about them; the "
              "first that fits counts"),
    };
  }
  // Every plain address: each entry may be a comma list, too.
  std::vector<std::string> plain_addresses() const {
    std::vector<std::string> all;
    const auto add = [&all](std::string_view list) {
      while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        std::string_view one = list.substr(0, comma);
        while (one.starts_with(' ')) one.remove_prefix(1);
        while (one.ends_with(' ')) one.remove_suffix(1);
        if (!one.empty()) all.emplace_back(one);
        list.remove_prefix(std::min(comma + 1, list.size()));
      }
    };
    if (!address.empty()) all.push_back(address);
    for (const std::string& each : addresses) add(each);
    return all;
  }
  // Whether PHP runs in this process for some of the requests.
  bool has_threads() const {
    const auto on_threads = [](const pool::PoolConfig& each) {
      return each.mode != pool::Mode::process;
    };
    return on_threads(pool) || std::any_of(pools.begin(), pools.end(), [&](const auto& each) {
             return on_threads(each.second);
           });
  }
  void settle() {
    if (internal_error_code == 0) internal_error_code = 500;
    if (max_request_size.count == 0) max_request_size.count = 1000;
  }
  void check(config::Errors& errors) const {
    errors.require(address.empty() || address.find(':') != std::string::npos, "address",
                   "malformed http server address \"" + address +
                       "\": write host:port, such as 127.0.0.1:8080 or :8080");
    errors.require(internal_error_code >= 400 && internal_error_code <= 599, "internal_error_code",
                   "internal_error_code should be between 400 and 599");
    for (const std::string& each : addresses) {
      errors.require(each.find(':') != std::string::npos, "addresses",
                     "malformed http server address");
    }
    check_routes(routes, pools, errors);
    errors.require(!http3.enabled() || !http3.cert.empty() || ssl.enabled(), "http3",
                   "HTTP/3 needs a certificate: set http3.cert and http3.key, or http.ssl");
    const auto wrong = net::proxy::Subnets::wrong_entry(proxy_protocol);
    errors.require(!wrong, "proxy_protocol", "no network in CIDR notation: " + wrong.value_or(""));
  }
};

// Throws ConfigError when no client could come in. Not part of check(): `http: {}` is decoded by
// others, too.
inline void require_door(const HttpConfig& config) {
  if (!config.plain_addresses().empty() || config.ssl.enabled() || !config.fcgi.address.empty())
    return;
  throw ConfigError(std::vector<std::string>{"http_plugin_init"},
                    "unable to run http service, no method has been specified (http, https, "
                    "http/2 or FastCGI): set http.address");
}

}  // namespace rr::http
