#include "runtime/plugins/http/plugin.h"

#include <algorithm>

#include "runtime/pool/factory.h"

namespace rr::http {
namespace {

// stream_select() in PHP counts to 1023: clients' sockets stay out of its way (spec 08 §6.1).
constexpr int kFirstDescriptor = 1024;

}  // namespace

void HttpPlugin::init(Context& context) {
  config_ = context.section<HttpConfig>("http");
  if (config_.address.empty()) {
    throw ConfigError(std::vector<std::string>{"http_plugin_init"},
                      "unable to run http service, no method has been specified (http, https, "
                      "http/2 or FastCGI): set http.address");
  }
  log_ = context.logger("http");
  plane_ = &context.get<net::DataPlane>();
  pool_ = context.get<pool::PoolFactory>().make_pool(
      {.plugin = "http", .env = {{"RR_MODE", "http"}}, .polls = true}, config_.pool);
  const auto* owner = context.look_for<FileOwner>();
  service_.emplace(config_, *pool_, Chain::make(config_, context, log_),
                   owner ? std::optional(*owner) : std::nullopt, log_);
  if (const auto* folder = context.look_for<ServedFolder>()) service_->serve_files(folder->path);
  context.provide<WorkerHost>(*this);
}

Result<void> HttpPlugin::serve() {
  // The address first: a server that cannot have it need not start its workers. Clients are refused
  // until those are ready.
  if (auto listening = listen(); !listening) return listening;
  if (auto started = pool_->start(); !started) return started;
  for (auto& listener : listeners_) {
    if (auto open = listener->start(); !open) return open;
    log_.debug("http server was started", kv("address", listener->socket().address()));
  }
  return {};
}

Result<void> HttpPlugin::listen() {
  auto sockets = net::ListenSocket::listen(config_.address,
                                           {.reuse_port = config_.reuse_port, .accepts = false});
  if (!sockets) return std::move(sockets).error();
  server_.emplace(plane_->reactor(), *service_, net::http1::ConnectionLimits{});
  const int first = config_.pool.mode == pool::Mode::process ? 0 : kFirstDescriptor;
  for (auto& socket : *sockets) {
    listeners_.push_back(
        std::make_unique<net::Listener>(plane_->reactor(), std::move(socket), *server_,
                                        net::Listener::Options{.first_descriptor = first}, log_));
  }
  return {};
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
  pool_->stop(deadline);
  // The last answers may still be on their way to slow clients.
  if (server_) server_->wait_closed(std::min(deadline, Clock::now() + std::chrono::seconds(1)));
}

}  // namespace rr::http
