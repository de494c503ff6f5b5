#include "runtime/plugins/http/generation.h"

#include <algorithm>
#include <utility>

#include "runtime/pool/retirement.h"

namespace rr::http {
namespace {

// The section as it reads for the requests of a route.
HttpConfig for_route(const HttpConfig& http, const RouteConfig& route) {
  HttpConfig config = http;
  if (!route.pool.empty()) config.pool = http.pools.at(route.pool);
  if (route.max_request_size) config.max_request_size = *route.max_request_size;
  if (route.raw_body) config.raw_body = *route.raw_body;
  if (route.uploads) config.uploads = *route.uploads;
  return config;
}

}  // namespace

Generation::Generation(HttpConfig config, Parts parts)
    : config_(std::move(config)),
      pools_(std::move(parts.pools)),
      service_(std::make_unique<Service>(config_, *pools_.front().pool, parts.chain,
                                         parts.upload_owner, parts.log)) {
  if (!parts.static_folder.empty()) service_->serve_files(parts.static_folder);
  if (config_.routes.empty()) return;
  router_.emplace(config_.routes);
  for (std::size_t i = 0; i < config_.routes.size(); ++i) {
    const RouteConfig& route = config_.routes[i];
    services_.push_back(std::make_unique<Service>(
        for_route(config_, route), pool_named(route.pool),
        route.middleware ? parts.route_chains[i] : parts.chain, parts.upload_owner, parts.log));
  }
}

Result<void> Generation::start() const {
  for (const NamedPool& each : pools_) {
    auto started = each.pool->start();
    if (started) continue;
    if (each.name.empty()) return started;
    return std::move(started).error().in("http.pools." + each.name);
  }
  return {};
}

void Generation::stop(TimePoint deadline) const {
  std::vector<Pool*> all;
  for (const NamedPool& each : pools_) all.push_back(each.pool.get());
  pool::end_all(all, &Pool::stop, deadline);
}

Pool& Generation::pool_named(const std::string& name) const {
  return *std::ranges::find(pools_, name, &NamedPool::name)->pool;  // checked with the section
}

Service* Generation::routed(const HttpRequest& request, const char*& reason) const {
  const routes::Router::Way way = router_->way_of(request);
  switch (way.kind) {
    case routes::Router::Way::Kind::none:
      return service_.get();
    case routes::Router::Way::Kind::route:
      return services_[way.route].get();
    case routes::Router::Way::Kind::refused:
      reason = way.reason;
      break;
  }
  return nullptr;
}

}  // namespace rr::http
