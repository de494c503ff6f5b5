// Where clients of the `http` section come in: addresses, TLS, HTTP/2, HTTP/3, FastCGI, the PROXY
// protocol.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "rr/log.h"
#include "rr/result.h"
#include "runtime/net/data_plane.h"
#include "runtime/net/fastcgi/server.h"
#include "runtime/net/http1/server.h"
#include "runtime/net/http2/server.h"
#include "runtime/net/http3/server.h"
#include "runtime/net/listener.h"
#include "runtime/net/proxy/headers.h"
#include "runtime/net/tls/handshakes.h"
#include "runtime/plugins/http/acme/challenge_door.h"
#include "runtime/plugins/http/acme/keeper.h"
#include "runtime/plugins/http/config.h"
#include "runtime/plugins/http/redirect.h"

namespace rr::http {

// For as long as the server runs; of its configuration only the plain addresses can change. One
// thread at a time.
class Doors final {
 public:
  // Reads the certificates, unless `keeper` has yet to get them: then bind() does. `plane`,
  // `handler` and `keeper`, which may be null, outlive this. Throws ConfigError.
  Doors(const HttpConfig& config, net::DataPlane& plane, net::http::Handler& handler,
        const acme::Keeper* keeper, Logger log);
  ~Doors();

  // Takes the addresses; clients are refused until open().
  Result<void> bind();
  Result<void> open();

  using Listeners = std::vector<std::unique_ptr<net::Listener>>;
  // Other plain addresses, beside those there are: not started.
  Result<Listeners> bind_plain(const HttpConfig& config);
  // They are the plain addresses from here on; returns the former ones, which still take clients.
  Listeners replace_plain(Listeners next);
  // Where an authority's challenges are answered by these doors. After bind().
  std::vector<std::uint16_t> challenge_ports() const;
  // Any thread, after bind(). Reads the certificates again; ones that cannot be used are logged,
  // the former ones stay.
  void refresh();

  // Takes no more clients; those that are here are served to the end of what they have begun, with
  // Idle::wait to the end of one more request.
  void refuse(net::http1::Server::Idle idle);
  // Blocks until every connection has handed over its first request or closed. After refuse().
  void wait_begun(TimePoint until);
  // Blocks until no connection is open. After refuse().
  void wait_closed(TimePoint until);
  // Ends connections that are open still, where a client would not notice by itself. Last.
  void end();

 private:
  // Looks after the certificates' files while it exists.
  class Looking;

  Result<void> open_certificates();
  Result<void> bind_secured();
  Result<void> bind_http3();
  Result<void> add(Listeners& listeners, std::string_view address, net::Acceptor& acceptor);
  net::Acceptor& behind_proxies(net::Acceptor& acceptor);
  net::http2::ConnectionLimits http2_limits() const;
  void tell(std::string_view started, const Listeners& listeners) const;

  const HttpConfig config_;
  net::DataPlane& plane_;
  net::http::Handler& handler_;
  const acme::Keeper* const keeper_;
  const Logger log_;
  std::unique_ptr<net::tls::Store> certificates_;
  std::unique_ptr<net::http3::CredentialsStore> credentials_;
  std::vector<std::unique_ptr<Looking>> looking_;
  std::optional<Redirect> redirect_;
  std::optional<acme::ChallengeDoor> challenge_door_;
  std::optional<net::http1::Server> plain_;
  std::optional<net::http2::Server> plain2_;
  std::optional<net::http1::Server> secured_;
  std::optional<net::http2::Server> secured2_;
  std::optional<net::tls::Handshakes> handshakes_;
  std::optional<net::fastcgi::Server> fastcgi_;
  std::optional<net::http3::Server> http3_;
  std::optional<net::proxy::Subnets> proxies_;
  std::vector<std::unique_ptr<net::proxy::Headers>> proxy_headers_;
  net::Acceptor* plain_acceptor_ = nullptr;  // plain_, perhaps behind proxies
  Listeners plain_listeners_;
  Listeners secured_listeners_;
  Listeners fastcgi_listeners_;
};

}  // namespace rr::http
