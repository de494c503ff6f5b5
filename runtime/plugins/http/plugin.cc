#include "runtime/plugins/http/plugin.h"

#include <algorithm>

#include "runtime/pool/factory.h"

namespace rr::http {
namespace {

// stream_select() in PHP counts to 1023: clients' sockets stay out of its way (spec 08 §6.1).
constexpr int kFirstDescriptor = 1024;

// Read at init: a server whose certificates are wrong does not start its workers first.
std::unique_ptr<net::tls::Store> open_certificates(const SslConfig& config, const Logger& log) {
  net::tls::Settings settings;
  if (!config.cert.empty()) settings.certificates.push_back({config.cert, config.key});
  for (const CertificateConfig& each : config.certificates) {
    settings.certificates.push_back({each.cert, each.key});
  }
  settings.root_ca = config.root_ca;
  config.client_auth(settings.client_auth);  // checked with the section
  auto store = net::tls::Store::open(std::move(settings), log);
  if (!store) {
    throw ConfigError(std::vector<std::string>{"http_plugin_init"}, store.error().message);
  }
  return std::move(*store);
}

}  // namespace

void HttpPlugin::init(Context& context) {
  config_ = context.section<HttpConfig>("http");
  if (config_.plain_addresses().empty() && !config_.ssl.enabled() && config_.fcgi.address.empty()) {
    throw ConfigError(std::vector<std::string>{"http_plugin_init"},
                      "unable to run http service, no method has been specified (http, https, "
                      "http/2 or FastCGI): set http.address");
  }
  log_ = context.logger("http");
  plane_ = &context.get<net::DataPlane>();
  if (config_.ssl.enabled()) certificates_ = open_certificates(config_.ssl, log_);
  pool_ = context.get<pool::PoolFactory>().make_pool(
      {.plugin = "http", .env = {{"RR_MODE", "http"}}, .polls = true}, config_.pool);
  const auto* owner = context.look_for<FileOwner>();
  service_.emplace(config_, *pool_, Chain::make(config_, context, log_),
                   owner ? std::optional(*owner) : std::nullopt, log_);
  if (const auto* folder = context.look_for<ServedFolder>()) service_->serve_files(folder->path);
  context.provide<WorkerHost>(*this);
  context.provide<Refreshable>(*this);
}

Result<void> HttpPlugin::serve() {
  // The addresses first: a server that cannot have them need not start its workers. Clients are
  // refused until those are ready.
  if (auto listening = listen(); !listening) return listening;
  if (auto started = pool_->start(); !started) return started;
  if (certificates_) plane_->add_timed(*certificates_);
  for (auto& [started, listener] : listeners_) {
    if (auto open = listener->start(); !open) return open;
    log_.debug(started, kv("address", listener->socket().address()));
  }
  return {};
}

Result<void> HttpPlugin::listen() {
  if (!config_.proxy_protocol.empty()) proxies_.emplace(config_.proxy_protocol);
  if (auto secured = listen_secured(); !secured) return secured;
  if (!config_.fcgi.address.empty()) {
    fastcgi_.emplace(plane_->reactor(), *service_, net::fastcgi::ConnectionLimits{});
    if (auto done = open(config_.fcgi.address, *fastcgi_, "fcgi server was started"); !done)
      return done;
  }
  const std::vector<std::string> addresses = config_.plain_addresses();
  if (addresses.empty()) return {};
  net::http::Handler* handler = &*service_;
  if (redirect_) handler = &*redirect_;
  plain_.emplace(plane_->reactor(), *handler, net::http1::ConnectionLimits{});
  if (config_.http2.h2c) {
    plain2_.emplace(plane_->reactor(), *handler, http2_limits());
    plain_->set_http2(*plain2_);
  }
  net::Acceptor& acceptor = behind_proxies(*plain_);
  for (const std::string& address : addresses) {
    if (auto done = open(address, acceptor, "http server was started"); !done) return done;
  }
  return {};
}

Result<void> HttpPlugin::listen_secured() {
  if (!certificates_) return {};
  secured_.emplace(plane_->reactor(), *service_, net::http1::ConnectionLimits{});
  secured2_.emplace(plane_->reactor(), *service_, http2_limits());
  handshakes_.emplace(plane_->reactor(), *certificates_, *secured_, &*secured2_,
                      net::tls::Handshakes::Limits{}, log_);
  if (auto done =
          open(config_.ssl.address, behind_proxies(*handshakes_), "https server was started");
      !done)
    return done;
  if (config_.ssl.redirect) {
    const auto& address = listeners_.back().listener->socket();
    redirect_.emplace(*service_, address.port());
  }
  return {};
}

// Binds: clients are refused until the listener starts.
Result<void> HttpPlugin::open(std::string_view address, net::Acceptor& acceptor,
                              std::string_view started) {
  auto sockets =
      net::ListenSocket::listen(address, {.reuse_port = config_.reuse_port, .accepts = false});
  if (!sockets) return std::move(sockets).error();
  for (auto& socket : *sockets) {
    listeners_.push_back(
        {started, std::make_unique<net::Listener>(plane_->reactor(), std::move(socket), acceptor,
                                                  listener_options(), log_)});
  }
  return {};
}

net::Acceptor& HttpPlugin::behind_proxies(net::Acceptor& acceptor) {
  if (!proxies_) return acceptor;
  proxy_headers_.push_back(
      std::make_unique<net::proxy::Headers>(plane_->reactor(), *proxies_, acceptor));
  return *proxy_headers_.back();
}

net::Listener::Options HttpPlugin::listener_options() const {
  return {.first_descriptor = config_.pool.mode == pool::Mode::process ? 0 : kFirstDescriptor};
}

net::http2::ConnectionLimits HttpPlugin::http2_limits() const {
  net::http2::ConnectionLimits limits;
  limits.session.streams = config_.http2.max_concurrent_streams;
  return limits;
}

void HttpPlugin::refresh() {
  if (!certificates_) return;
  if (auto done = certificates_->reload(); done) {
    log_.info("certificates were read again");
  } else {
    log_.error("certificates could not be read again, the former ones stay",
               kv("error", done.error().message));
  }
}

void HttpPlugin::refuse() {
  for (auto& open : listeners_) open.listener->stop();
  drain(net::http1::Server::Idle::close);
}

void HttpPlugin::hand_over(TimePoint until) {
  for (auto& open : listeners_) open.listener->stop();
  drain(net::http1::Server::Idle::wait);
  wait_closed(until);
}

// Connections of HTTP/2 and FastCGI learn that there is no more to come without another request.
void HttpPlugin::drain(net::http1::Server::Idle idle) {
  for (auto& headers : proxy_headers_) headers->drain();
  if (handshakes_) handshakes_->drain();
  if (secured_) secured_->drain(idle);
  if (secured2_) secured2_->drain();
  if (plain_) plain_->drain(idle);
  if (plain2_) plain2_->drain();
  if (fastcgi_) fastcgi_->drain();
}

void HttpPlugin::wait_closed(TimePoint until) {
  for (auto& headers : proxy_headers_) headers->wait_closed(until);
  if (handshakes_) handshakes_->wait_closed(until);
  if (secured_) secured_->wait_closed(until);
  if (secured2_) secured2_->wait_closed(until);
  if (plain_) plain_->wait_closed(until);
  if (plain2_) plain2_->wait_closed(until);
  if (fastcgi_) fastcgi_->wait_closed(until);
}

void HttpPlugin::stop(TimePoint deadline) {
  if (certificates_) plane_->remove_timed(*certificates_);
  const TimePoint begun = std::min(deadline, Clock::now() + net::http1::ConnectionLimits{}.first);
  if (secured_) secured_->wait_begun(begun);
  if (plain_) plain_->wait_begun(begun);
  pool_->stop(deadline);
  // The last answers may still be on their way to slow clients.
  wait_closed(std::min(deadline, Clock::now() + std::chrono::seconds(1)));
}

}  // namespace rr::http
