// The `http` section: the doors clients come in by, requests, the pool that answers them.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "rr/plugin.h"
#include "runtime/net/data_plane.h"
#include "runtime/plugins/http/acme/keeper.h"
#include "runtime/plugins/http/config.h"
#include "runtime/plugins/http/doors.h"
#include "runtime/plugins/http/front.h"
#include "runtime/pool/current_pool.h"

namespace rr::pool {
class PoolFactory;
}

namespace rr::http {

// What `rr-embed serve FOLDER` adds to the configuration: provided by the application.
struct ServedFolder {
  std::string path;
};

class HttpPlugin final : public Plugin, private WorkerHost, private Reloadable {
 public:
  void init(Context& context) override;
  Result<void> serve() override;
  void hand_over(TimePoint until) override;
  void refuse() override;
  void stop(TimePoint deadline) override;

 private:
  class Change;

  std::string_view host_name() const override { return "http"; }
  Pool& pool() override { return pool_; }
  std::vector<Named> more_pools() override;
  std::string_view section_name() const override { return "http"; }
  std::unique_ptr<Reloadable::Change> prepare(Context& context) override;
  std::vector<std::string> fixed_keys() const override {
    return {"http.reuse_port", "http.ssl",  "http.http2",
            "http.http3",      "http.fcgi", "http.proxy_protocol"};
  }

  std::shared_ptr<Generation> make_generation(HttpConfig config, pool::PoolFactory& factory,
                                              Context& context) const;
  static std::vector<std::shared_ptr<Pool>> pools_of(const std::shared_ptr<Generation>& generation);
  std::shared_ptr<pool::CurrentPool> further(const std::string& name) const;
  void name_pools(const std::shared_ptr<Generation>& generation);
  using Sizes = std::map<std::string, std::uint32_t>;
  static Sizes sizes_of(const HttpConfig& config);
  void keep_sizes(HttpConfig& config) const;
  static void close(Doors::Listeners listeners);

  Logger log_;
  net::DataPlane* plane_ = nullptr;       // the application's, which goes after its plugins
  pool::PoolFactory* factory_ = nullptr;  // as well
  std::optional<FileOwner> upload_owner_;
  std::string folder_;  // see ServedFolder
  Sizes configured_;    // num_workers of each pool as it is written, by name; "": of http.pool
  pool::CurrentPool pool_;
  mutable std::mutex further_mutex_;  // guards further_
  // By the names of http.pools, with informer and resetter, who may be about to use one.
  std::map<std::string, std::shared_ptr<pool::CurrentPool>> further_;
  std::optional<acme::Keeper> keeper_;  // with http.ssl.acme
  std::optional<Front> front_;
  std::optional<Doors> doors_;
};

}  // namespace rr::http
