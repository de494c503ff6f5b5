// `http.routes`: requests that are answered by other workers, or by other rules. Not a key of
// RoadRunner's.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "rr/config.h"
#include "runtime/plugins/http/uploads_config.h"
#include "runtime/pool/config.h"

namespace rr::http {

// Which requests: all that fit each of `host`, `path` and `methods` that is given. What is not
// given of the rest is as in `http`.
struct RouteConfig {
  std::vector<std::string> host;
  std::vector<std::string> path;
  std::vector<std::string> methods;
  std::string pool;
  std::optional<config::Megabytes> max_request_size;
  std::optional<bool> raw_body;
  std::optional<UploadsConfig> uploads;
  std::optional<std::vector<std::string>> middleware;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("host", &RouteConfig::host,
              "names of hosts, without a port; *.example.com: all below it"),
        field("path", &RouteConfig::path,
              "/api: it and all below; =/api: it alone; /*/api/**/*.json: a pattern for the whole "
              "path"),
        field("methods", &RouteConfig::methods, "GET is HEAD, too"),
        field("pool", &RouteConfig::pool, "one of http.pools; default: http.pool"),
        field("max_request_size", &RouteConfig::max_request_size,
              "in place of http.max_request_size"),
        field("raw_body", &RouteConfig::raw_body, "in place of http.raw_body"),
        field("uploads", &RouteConfig::uploads, "in place of http.uploads, as a whole"),
        field("middleware", &RouteConfig::middleware,
              "in place of http.middleware; in the order that http.middleware_order says"),
    };
  }
  void settle();
  void check(config::Errors& errors) const;
};

// What routes and pools say about each other, and routes about later ones. `errors` is at the
// section `http`.
void check_routes(const std::vector<RouteConfig>& routes,
                  const std::map<std::string, pool::PoolConfig>& pools, config::Errors& errors);

}  // namespace rr::http
