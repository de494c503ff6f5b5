#include "runtime/plugins/http/plugin.h"

#include <algorithm>
#include <utility>

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
  configured_workers_ = config.pool.num_workers;
  auto first = make_generation(std::move(config), *factory_, context);
  const HttpConfig& settings = first->config;
  pool_.replace(std::shared_ptr<Pool>(first, first->pool.get()));
  front_.emplace(first);
  doors_.emplace(settings, *plane_, *front_, log_);
  context.provide<WorkerHost>(*this);
  context.provide<Reloadable>(*this);
}

std::shared_ptr<Generation> HttpPlugin::make_generation(HttpConfig config,
                                                        pool::PoolFactory& factory,
                                                        Context& context) const {
  auto pool = factory.make_pool({.plugin = "http", .env = {{"RR_MODE", "http"}}, .polls = true},
                                config.pool);
  auto chain = Chain::make(config, context, log_);
  return std::make_shared<Generation>(std::move(config), std::move(pool), std::move(chain),
                                      upload_owner_, folder_, log_);
}

Result<void> HttpPlugin::serve() {
  // The addresses first: a server that cannot have them need not start its workers. Clients are
  // refused until those are ready.
  if (auto bound = doors_->bind(); !bound) return bound;
  if (auto started = pool_.start(); !started) return started;
  return doors_->open();
}

void HttpPlugin::refuse() {
  doors_->refuse(net::http1::Server::Idle::close);
}

void HttpPlugin::hand_over(TimePoint until) {
  doors_->refuse(net::http1::Server::Idle::wait);
  doors_->wait_closed(until);
}

void HttpPlugin::stop(TimePoint deadline) {
  doors_->wait_begun(std::min(deadline, Clock::now() + net::http1::ConnectionLimits{}.first));
  pool_.stop(deadline);
  // The last answers may still be on their way to slow clients.
  doors_->wait_closed(std::min(deadline, Clock::now() + std::chrono::seconds(1)));
  doors_->end();
}

}  // namespace rr::http
