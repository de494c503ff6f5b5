// Which of `http.routes` a request takes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "rr/http.h"
#include "runtime/plugins/http/routes/config.h"
#include "runtime/plugins/http/routes/path.h"
#include "runtime/plugins/http/routes/pattern.h"

namespace rr::http::routes {

// Immutable; any thread. Decides by what the client sent: before middleware, which may change it.
class Router {
 public:
  // Those of a configuration that has been checked.
  explicit Router(const std::vector<RouteConfig>& routes);

  struct Way {
    enum class Kind { none, route, refused };
    Kind kind = Kind::none;
    std::size_t route = 0;         // its number in the configuration
    const char* reason = nullptr;  // of `refused`: for the client
  };
  // The first route that fits. Refused: the request can be read in ways that lead to different
  // ones (see Path), or names two hosts.
  Way way_of(const HttpRequest& request) const;

  // All that `earlier` lets past is nothing that `later` fits. May be said of fewer than it is
  // true of.
  static bool shadows(const RouteConfig& earlier, const RouteConfig& later);

 private:
  struct Route {
    explicit Route(const RouteConfig& config);
    bool fits(std::string_view method, std::string_view host) const;
    bool fits(std::string_view path) const;
    bool covers(const Route& other) const;

    std::vector<HostPattern> hosts;
    std::vector<PathPattern> paths;
    std::vector<std::string> methods;
  };
  struct Fixed;  // what every reading of the path has in common
  std::size_t first(const Fixed& request, std::string_view path) const;

  std::vector<Route> routes_;
  bool look_at_hosts_ = false;
  bool look_at_paths_ = false;
};

}  // namespace rr::http::routes
