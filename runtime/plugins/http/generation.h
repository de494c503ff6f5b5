// Everything that decides how requests are answered: limits, rules, codec, routes, workers.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rr/file_owner.h"
#include "runtime/plugins/http/config.h"
#include "runtime/plugins/http/routes/router.h"
#include "runtime/plugins/http/service.h"

namespace rr::http {

// The workers of `http.pool`, and those of one of `http.pools`.
struct NamedPool {
  std::string name;  // empty: of http.pool
  std::unique_ptr<Pool> pool;
};

// Of one configuration; immutable. Thread-safe. Ends with the last of its pools (pool::Retirement):
// until then its exchanges may use it.
class Generation final {
 public:
  struct Parts {
    std::vector<NamedPool> pools;  // that of http.pool first
    std::shared_ptr<const Chain> chain;
    // Of each route, in their order; null without middleware of its own, see RouteConfig.
    std::vector<std::shared_ptr<const Chain>> route_chains;
    std::optional<FileOwner> upload_owner;
    std::string static_folder;  // empty, or what `serve FOLDER` serves
    Logger log;
  };
  Generation(HttpConfig config, Parts parts);

  const HttpConfig& config() const { return config_; }
  const std::vector<NamedPool>& pools() const { return pools_; }
  // Starts its pools, one after the other; the first error names its pool. See Pool::start().
  Result<void> start() const;
  // Stops all of them at a time. See Pool::stop().
  void stop(TimePoint deadline) const;
  // What answers the requests that no route takes.
  Service& service() { return *service_; }
  // What answers this one. Null: `reason` says why nothing does.
  Service* service_for(const HttpRequest& request, const char*& reason) {
    return router_ ? routed(request, reason) : service_.get();
  }

 private:
  Service* routed(const HttpRequest& request, const char*& reason) const;
  Pool& pool_named(const std::string& name) const;

  const HttpConfig config_;
  const std::vector<NamedPool> pools_;
  std::unique_ptr<Service> service_;
  std::optional<routes::Router> router_;            // without routes: none
  std::vector<std::unique_ptr<Service>> services_;  // of each route
};

}  // namespace rr::http
