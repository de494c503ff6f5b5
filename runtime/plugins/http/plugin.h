// The `http` section: listeners, requests, the pool that answers them.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "rr/plugin.h"
#include "runtime/net/data_plane.h"
#include "runtime/net/http1/server.h"
#include "runtime/net/listener.h"
#include "runtime/plugins/http/config.h"
#include "runtime/plugins/http/service.h"

namespace rr::http {

// What `rr-embed serve FOLDER` adds to the configuration: provided by the application.
struct ServedFolder {
  std::string path;
};

class HttpPlugin final : public Plugin, private WorkerHost {
 public:
  void init(Context& context) override;
  Result<void> serve() override;
  void refuse() override;
  void hand_over(TimePoint until) override;
  void stop(TimePoint deadline) override;

 private:
  std::string_view host_name() const override { return "http"; }
  Pool& pool() override { return *pool_; }
  Result<void> listen();

  HttpConfig config_;
  Logger log_;
  net::DataPlane* plane_ = nullptr;  // the application's, which goes after its plugins
  std::unique_ptr<Pool> pool_;
  std::optional<Service> service_;
  std::optional<net::http1::Server> server_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;
};

}  // namespace rr::http
