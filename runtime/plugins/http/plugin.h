// The `http` section: listeners, requests, the pool that answers them.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "rr/plugin.h"
#include "runtime/net/data_plane.h"
#include "runtime/net/fastcgi/server.h"
#include "runtime/net/http1/server.h"
#include "runtime/net/http2/server.h"
#include "runtime/net/listener.h"
#include "runtime/net/proxy/headers.h"
#include "runtime/net/tls/handshakes.h"
#include "runtime/plugins/http/config.h"
#include "runtime/plugins/http/redirect.h"
#include "runtime/plugins/http/service.h"

namespace rr::http {

// What `rr-embed serve FOLDER` adds to the configuration: provided by the application.
struct ServedFolder {
  std::string path;
};

class HttpPlugin final : public Plugin, private WorkerHost, private Refreshable {
 public:
  void init(Context& context) override;
  Result<void> serve() override;
  void refuse() override;
  void hand_over(TimePoint until) override;
  void stop(TimePoint deadline) override;

 private:
  std::string_view host_name() const override { return "http"; }
  Pool& pool() override { return *pool_; }
  void refresh() override;
  Result<void> listen();
  Result<void> listen_secured();
  Result<void> open(std::string_view address, net::Acceptor& acceptor, std::string_view started);
  void drain(net::http1::Server::Idle idle);
  void wait_closed(TimePoint until);
  net::Acceptor& behind_proxies(net::Acceptor& acceptor);
  net::Listener::Options listener_options() const;
  net::http2::ConnectionLimits http2_limits() const;

  HttpConfig config_;
  Logger log_;
  net::DataPlane* plane_ = nullptr;  // the application's, which goes after its plugins
  std::unique_ptr<Pool> pool_;
  std::optional<Service> service_;
  std::unique_ptr<net::tls::Store> certificates_;
  std::optional<Redirect> redirect_;
  std::optional<net::http1::Server> plain_;
  std::optional<net::http2::Server> plain2_;
  std::optional<net::http1::Server> secured_;
  std::optional<net::http2::Server> secured2_;
  std::optional<net::tls::Handshakes> handshakes_;
  std::optional<net::fastcgi::Server> fastcgi_;
  std::optional<net::proxy::Subnets> proxies_;
  std::vector<std::unique_ptr<net::proxy::Headers>> proxy_headers_;
  struct Open {
    std::string_view started;  // for the log
    std::unique_ptr<net::Listener> listener;
  };
  std::vector<Open> listeners_;
};

}  // namespace rr::http
