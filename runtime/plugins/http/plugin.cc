#include "runtime/plugins/http/plugin.h"

#include <algorithm>
#include <utility>

#include "runtime/plugins/http/middleware/alt_svc.h"
#include "runtime/plugins/http/middleware/chain.h"
#include "runtime/pool/factory.h"

namespace rr::http {

void HttpPlugin::init(Context& context) {
  auto config = context.section<HttpConfig>("http");
  require_door(config);
  log_ = context.logger("http");
  plane_ = &context.get<net::DataPlane>();
  factory_ = &context.get<pool::PoolFactory>();
  if (const auto* owner = context.look_for<FileOwner>()) upload_owner_ = *owner;
  if (const auto* folder = context.look_for<ServedFolder>()) folder_ = folder->path;
  configured_ = sizes_of(config);
  if (config.ssl.acme) {
    keeper_.emplace(*config.ssl.acme,
                    acme::Keeper::Parts{context.get<Control>(), log_,
                                        // Whom the server becomes.
                                        config.has_threads() ? upload_owner_ : std::nullopt});
  }
  auto first = make_generation(std::move(config), *factory_, context);
  name_pools(first);
  front_.emplace(first);
  doors_.emplace(first->config(), *plane_, *front_, keeper_ ? &*keeper_ : nullptr, log_);
  context.provide<WorkerHost>(*this);
  context.provide<Reloadable>(*this);
}

std::shared_ptr<Generation> HttpPlugin::make_generation(HttpConfig config,
                                                        pool::PoolFactory& factory,
                                                        Context& context) const {
  Generation::Parts parts;
  const auto add = [&](std::string name, const pool::PoolConfig& pool) {
    std::string key = name.empty() ? "http.pool" : "http.pools." + name;
    auto made = factory.make_pool({.plugin = "http",
                                   .env = {{"RR_MODE", "http"}},
                                   .name = name,
                                   .key = std::move(key),
                                   .slow_exchange = config.slow_request},
                                  pool);
    parts.pools.push_back({std::move(name), std::move(made)});
  };
  add("", config.pool);
  for (const auto& [name, pool] : config.pools) add(name, pool);
  MiddlewareSet middleware(context);
  if (config.http3.enabled() && config.http3.alt_svc)
    middleware.put_outermost("alt_svc", std::make_shared<AltSvc>(config.http3.port()));
  const auto row = [&](const std::vector<std::string>& names) {
    return Chain::make(names, config.middleware_order, middleware, log_);
  };
  parts.chain = row(config.middleware);
  for (const RouteConfig& route : config.routes)
    parts.route_chains.push_back(route.middleware ? row(*route.middleware) : nullptr);
  parts.upload_owner = upload_owner_;
  parts.static_folder = folder_;
  parts.log = log_;
  return std::make_shared<Generation>(std::move(config), std::move(parts));
}

// Each keeps its generation, and so the others.
std::vector<std::shared_ptr<Pool>> HttpPlugin::pools_of(
    const std::shared_ptr<Generation>& generation) {
  std::vector<std::shared_ptr<Pool>> pools;
  for (const NamedPool& each : generation->pools()) pools.emplace_back(generation, each.pool.get());
  return pools;
}

// Whoever asks for a pool by its name gets that of this generation from here on.
void HttpPlugin::name_pools(const std::shared_ptr<Generation>& generation) {
  const auto pools = pools_of(generation);
  pool_.replace(pools.front());
  std::lock_guard lock(further_mutex_);
  auto before = std::exchange(further_, {});
  for (std::size_t i = 1; i < pools.size(); ++i) {
    const std::string& name = generation->pools()[i].name;
    auto current = std::move(before[name]);
    if (!current) current = std::make_shared<pool::CurrentPool>();
    current->replace(pools[i]);
    further_.emplace(name, std::move(current));
  }
}

std::vector<WorkerHost::Named> HttpPlugin::more_pools() {
  std::vector<Named> all;
  std::lock_guard lock(further_mutex_);
  for (const auto& [name, pool] : further_) all.push_back({"http:" + name, pool});
  return all;
}

// Null: there is none of that name.
std::shared_ptr<pool::CurrentPool> HttpPlugin::further(const std::string& name) const {
  std::lock_guard lock(further_mutex_);
  const auto found = further_.find(name);
  return found == further_.end() ? nullptr : found->second;
}

Result<void> HttpPlugin::serve() {
  // While nobody has the port at which the authority asks.
  if (keeper_) {
    if (auto obtained = keeper_->obtain_missing(); !obtained) return obtained;
  }
  // The addresses first: a server that cannot have them need not start its workers. Clients are
  // refused until those are ready.
  if (auto bound = doors_->bind(); !bound) return bound;
  if (auto started = front_->current().start(); !started) return started;
  if (auto opened = doors_->open(); !opened) return opened;
  if (keeper_) keeper_->keep_renewing(doors_->challenge_ports(), [this] { doors_->refresh(); });
  return {};
}

void HttpPlugin::refuse() {
  doors_->refuse(net::http1::Server::Idle::close);
  if (keeper_) keeper_->stop();
}

void HttpPlugin::hand_over(TimePoint until) {
  doors_->refuse(net::http1::Server::Idle::wait);
  if (keeper_) keeper_->stop();
  doors_->wait_closed(until);
}

void HttpPlugin::stop(TimePoint deadline) {
  doors_->wait_begun(std::min(deadline, Clock::now() + net::http1::ConnectionLimits{}.first));
  front_->current().stop(deadline);
  // The last answers may still be on their way to slow clients.
  doors_->wait_closed(std::min(deadline, Clock::now() + std::chrono::seconds(1)));
  doors_->end();
}

}  // namespace rr::http
