// The section `fileserver`: files on an address of their own, without workers.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "rr/plugin.h"
#include "runtime/net/data_plane.h"
#include "runtime/net/http1/server.h"
#include "runtime/net/listener.h"
#include "runtime/plugins/fileserver/config.h"
#include "runtime/plugins/fileserver/service.h"

namespace rr::fileserver {

class FileServerPlugin final : public Plugin {
 public:
  void init(Context& context) override;
  Result<void> serve() override;
  void refuse() override;
  void hand_over(TimePoint until) override;
  void stop(TimePoint deadline) override;

 private:
  FileServerConfig config_;
  Logger log_;
  net::DataPlane* plane_ = nullptr;  // the application's, which goes after its plugins
  std::optional<Service> service_;
  std::optional<net::http1::Server> server_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;
};

}  // namespace rr::fileserver
