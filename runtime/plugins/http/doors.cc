#include "runtime/plugins/http/doors.h"

#include <utility>

namespace rr::http {
namespace {

// stream_select() in PHP counts to 1023: clients' sockets stay out of its way (spec 08 §6.1).
constexpr int kFirstDescriptor = 1024;

net::tls::Settings settings_of(const SslConfig& config, const acme::Keeper* keeper) {
  net::tls::Settings settings;
  if (keeper) {
    settings.certificates = keeper->files();
    settings.special = &keeper->challenges();
  } else if (!config.cert.empty()) {
    settings.certificates.push_back({config.cert, config.key});
  }
  for (const CertificateConfig& each : config.certificates) {
    settings.certificates.push_back({each.cert, each.key});
  }
  settings.root_ca = config.root_ca;
  config.client_auth(settings.client_auth);  // checked with the section
  return settings;
}

// Who may come in is asked at every door alike.
net::tls::Settings settings_of(const Http3Config& config, const SslConfig& ssl,
                               const acme::Keeper* keeper) {
  net::tls::Settings settings = settings_of(ssl, keeper);
  if (!config.cert.empty()) settings.certificates = {{config.cert, config.key}};
  return settings;
}

template <class Store>
Result<void> open_store(std::unique_ptr<Store>& store, net::tls::Settings settings,
                        const Logger& log) {
  auto opened = Store::open(std::move(settings), log);
  if (!opened) return std::move(opened).error();
  store = std::move(*opened);
  return {};
}

template <class Store>
void read_again(Store* store, const Logger& log) {
  if (!store) return;
  if (auto done = store->reload(); done) {
    log.info("certificates were read again");
  } else {
    log.error("certificates could not be read again, the former ones stay",
              kv("error", done.error().message));
  }
}

}  // namespace

class Doors::Looking {
 public:
  Looking(net::DataPlane& plane, net::Timed& store) : plane_(plane), store_(store) {
    plane_.add_timed(store_);
  }
  ~Looking() { plane_.remove_timed(store_); }
  Looking(const Looking&) = delete;
  Looking& operator=(const Looking&) = delete;

 private:
  net::DataPlane& plane_;
  net::Timed& store_;
};

Doors::Doors(const HttpConfig& config, net::DataPlane& plane, net::http::Handler& handler,
             const acme::Keeper* keeper, Logger log)
    : config_(config), plane_(plane), handler_(handler), keeper_(keeper), log_(log) {
  if (keeper_) return;
  if (auto opened = open_certificates(); !opened)
    throw ConfigError(std::vector<std::string>{"http_plugin_init"}, opened.error().message);
}

Doors::~Doors() = default;

Result<void> Doors::open_certificates() {
  if (config_.ssl.enabled()) {
    auto settings = settings_of(config_.ssl, keeper_);
    if (auto done = open_store(certificates_, std::move(settings), log_); !done) return done;
  }
  if (!config_.http3.enabled()) return {};
  return open_store(credentials_, settings_of(config_.http3, config_.ssl, keeper_), log_);
}

Result<void> Doors::bind() {
  if (keeper_) {
    if (auto opened = open_certificates(); !opened) return opened;
  }
  if (!config_.proxy_protocol.empty()) proxies_.emplace(config_.proxy_protocol);
  if (auto secured = bind_secured(); !secured) return secured;
  if (auto quic = bind_http3(); !quic) return quic;
  if (!config_.fcgi.address.empty()) {
    fastcgi_.emplace(plane_.reactor(), handler_, net::fastcgi::ConnectionLimits{});
    if (auto done = add(fastcgi_listeners_, config_.fcgi.address, *fastcgi_); !done) return done;
  }
  net::http::Handler* handler = &handler_;
  if (redirect_) handler = &*redirect_;
  // Before the redirect: an authority may ask without TLS only.
  if (keeper_) handler = &challenge_door_.emplace(*handler, keeper_->challenges());
  plain_.emplace(plane_.reactor(), *handler, net::http1::ConnectionLimits{});
  if (config_.http2.h2c) {
    plain2_.emplace(plane_.reactor(), *handler, http2_limits());
    plain_->set_http2(*plain2_);
  }
  plain_acceptor_ = &behind_proxies(*plain_);
  auto plain = bind_plain(config_);
  if (!plain) return std::move(plain).error();
  plain_listeners_ = std::move(plain).value();
  return {};
}

Result<void> Doors::bind_secured() {
  if (!certificates_) return {};
  secured_.emplace(plane_.reactor(), handler_, net::http1::ConnectionLimits{});
  secured2_.emplace(plane_.reactor(), handler_, http2_limits());
  handshakes_.emplace(plane_.reactor(), *certificates_, *secured_, &*secured2_,
                      net::tls::Handshakes::Limits{}, log_);
  if (auto done = add(secured_listeners_, config_.ssl.address, behind_proxies(*handshakes_)); !done)
    return done;
  if (config_.ssl.redirect) {
    redirect_.emplace(handler_, secured_listeners_.back()->socket().port());
  }
  return {};
}

Result<void> Doors::bind_http3() {
  if (!credentials_) return {};
  http3_.emplace(plane_.reactor(), handler_, *credentials_, net::http3::ConnectionLimits{}, log_);
  return http3_->bind(config_.http3.address, config_.reuse_port);
}

Result<Doors::Listeners> Doors::bind_plain(const HttpConfig& config) {
  Listeners listeners;
  for (const std::string& address : config.plain_addresses()) {
    if (auto done = add(listeners, address, *plain_acceptor_); !done)
      return std::move(done).error();
  }
  return listeners;
}

Result<void> Doors::add(Listeners& listeners, std::string_view address, net::Acceptor& acceptor) {
  auto sockets =
      net::ListenSocket::listen(address, {.reuse_port = config_.reuse_port, .accepts = false});
  if (!sockets) return std::move(sockets).error();
  const int first = config_.has_threads() ? kFirstDescriptor : 0;
  for (auto& socket : *sockets) {
    listeners.push_back(
        std::make_unique<net::Listener>(plane_.reactor(), std::move(socket), acceptor,
                                        net::Listener::Options{.first_descriptor = first}, log_));
  }
  return {};
}

net::Acceptor& Doors::behind_proxies(net::Acceptor& acceptor) {
  if (!proxies_) return acceptor;
  proxy_headers_.push_back(
      std::make_unique<net::proxy::Headers>(plane_.reactor(), *proxies_, acceptor));
  return *proxy_headers_.back();
}

net::http2::ConnectionLimits Doors::http2_limits() const {
  net::http2::ConnectionLimits limits;
  limits.streams = config_.http2.max_concurrent_streams;
  return limits;
}

Result<void> Doors::open() {
  if (certificates_) looking_.push_back(std::make_unique<Looking>(plane_, *certificates_));
  if (credentials_) looking_.push_back(std::make_unique<Looking>(plane_, *credentials_));
  for (Listeners* listeners : {&secured_listeners_, &fastcgi_listeners_, &plain_listeners_}) {
    for (auto& listener : *listeners) {
      if (auto started = listener->start(); !started) return started;
    }
  }
  tell("https server was started", secured_listeners_);
  tell("fcgi server was started", fastcgi_listeners_);
  tell("http server was started", plain_listeners_);
  if (!http3_) return {};
  if (auto started = http3_->open(); !started) return started;
  for (const std::string& address : http3_->addresses()) {
    log_.debug("http3 server was started", kv("address", address));
  }
  return {};
}

void Doors::tell(std::string_view started, const Listeners& listeners) const {
  for (const auto& listener : listeners) {
    log_.debug(started, kv("address", listener->socket().address()));
  }
}

Doors::Listeners Doors::replace_plain(Listeners next) {
  return std::exchange(plain_listeners_, std::move(next));
}

std::vector<std::uint16_t> Doors::challenge_ports() const {
  if (!keeper_) return {};
  const bool files = config_.ssl.acme->challenge_type == acme::ChallengeType::http;
  std::vector<std::uint16_t> ports;
  for (const auto& listener : files ? plain_listeners_ : secured_listeners_)
    ports.push_back(listener->socket().port());
  return ports;
}

void Doors::refresh() {
  read_again(certificates_.get(), log_);
  read_again(credentials_.get(), log_);
}

// Connections of HTTP/2, HTTP/3 and FastCGI learn that there is no more to come without another
// request. Idle::wait: another server has our sockets, which matters where packets have no
// connection of their own.
void Doors::refuse(net::http1::Server::Idle idle) {
  looking_.clear();
  for (Listeners* listeners : {&secured_listeners_, &fastcgi_listeners_, &plain_listeners_}) {
    for (auto& listener : *listeners) listener->stop();
  }
  for (auto& headers : proxy_headers_) headers->drain();
  if (handshakes_) handshakes_->drain();
  if (secured_) secured_->drain(idle);
  if (secured2_) secured2_->drain();
  if (plain_) plain_->drain(idle);
  if (plain2_) plain2_->drain();
  if (fastcgi_) fastcgi_->drain();
  if (!http3_) return;
  if (idle == net::http1::Server::Idle::wait) {
    http3_->hand_over();
  } else {
    http3_->drain();
  }
}

void Doors::wait_begun(TimePoint until) {
  if (secured_) secured_->wait_begun(until);
  if (plain_) plain_->wait_begun(until);
  if (http3_) http3_->wait_begun(until);
}

void Doors::wait_closed(TimePoint until) {
  for (auto& headers : proxy_headers_) headers->wait_closed(until);
  if (handshakes_) handshakes_->wait_closed(until);
  if (secured_) secured_->wait_closed(until);
  if (secured2_) secured2_->wait_closed(until);
  if (plain_) plain_->wait_closed(until);
  if (plain2_) plain2_->wait_closed(until);
  if (fastcgi_) fastcgi_->wait_closed(until);
  if (http3_) http3_->wait_closed(until);
}

void Doors::end() {
  if (http3_) http3_->end();
}

}  // namespace rr::http
