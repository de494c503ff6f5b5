#include "runtime/plugins/http/plugin.h"

#include <algorithm>
#include <utility>

#include "runtime/pool/factory.h"

namespace rr::http {
namespace {

// stream_select() in PHP counts to 1023: clients' sockets stay out of its way (spec 08 §6.1).
constexpr int kFirstDescriptor = 1024;

}  // namespace

void HttpPlugin::init(Context& context) {
  auto config = context.section<HttpConfig>("http");
  if (config.address.empty()) {
    throw ConfigError(std::vector<std::string>{"http_plugin_init"},
                      "unable to run http service, no method has been specified (http, https, "
                      "http/2 or FastCGI): set http.address");
  }
  log_ = context.logger("http");
  plane_ = &context.get<net::DataPlane>();
  factory_ = &context.get<pool::PoolFactory>();
  if (const auto* owner = context.look_for<FileOwner>()) upload_owner_ = *owner;
  if (const auto* folder = context.look_for<ServedFolder>()) folder_ = folder->path;
  configured_workers_ = config.pool.num_workers;
  auto first = make_generation(std::move(config), *factory_, context);
  pool_.replace(std::shared_ptr<Pool>(first, first->pool.get()));
  front_.emplace(std::move(first));
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
  // The address first: a server that cannot have it need not start its workers. Clients are refused
  // until those are ready.
  const HttpConfig& config = front_->current().config;
  server_.emplace(plane_->reactor(), *front_, net::http1::ConnectionLimits{});
  auto listeners = bind(config);
  if (!listeners) return std::move(listeners).error();
  listeners_ = std::move(listeners).value();
  if (auto started = pool_.start(); !started) return started;
  for (auto& listener : listeners_) {
    if (auto open = listener->start(); !open) return open;
    log_.debug("http server was started", kv("address", listener->socket().address()));
  }
  return {};
}

Result<HttpPlugin::Listeners> HttpPlugin::bind(const HttpConfig& config) {
  auto sockets = net::ListenSocket::listen(config.address,
                                           {.reuse_port = config.reuse_port, .accepts = false});
  if (!sockets) return std::move(sockets).error();
  const int first = config.pool.mode == pool::Mode::process ? 0 : kFirstDescriptor;
  Listeners listeners;
  for (auto& socket : *sockets) {
    listeners.push_back(
        std::make_unique<net::Listener>(plane_->reactor(), std::move(socket), *server_,
                                        net::Listener::Options{.first_descriptor = first}, log_));
  }
  return listeners;
}

void HttpPlugin::refuse() {
  for (auto& listener : listeners_) listener->stop();
  if (server_) server_->drain(net::http1::Server::Idle::close);
}

void HttpPlugin::hand_over(TimePoint until) {
  for (auto& listener : listeners_) listener->stop();
  if (!server_) return;
  server_->drain(net::http1::Server::Idle::wait);
  server_->wait_closed(until);
}

void HttpPlugin::stop(TimePoint deadline) {
  if (server_) {
    server_->wait_begun(std::min(deadline, Clock::now() + net::http1::ConnectionLimits{}.first));
  }
  pool_.stop(deadline);
  // The last answers may still be on their way to slow clients.
  if (server_) server_->wait_closed(std::min(deadline, Clock::now() + std::chrono::seconds(1)));
}

}  // namespace rr::http
