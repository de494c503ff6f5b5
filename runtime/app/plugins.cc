#include "runtime/app/container.h"
#include "runtime/plugins/http/plugin.h"

namespace rr::app {

void register_all(PluginRegistry& registry) {
  registry.add<http::HttpPlugin>("http", "http", {"server"}, {"rpc"});
}

}  // namespace rr::app
