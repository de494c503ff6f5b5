#include "runtime/app/container.h"
#include "runtime/plugins/fileserver/plugin.h"
#include "runtime/plugins/http/plugin.h"
#include "runtime/plugins/informer/plugin.h"
#include "runtime/plugins/resetter/plugin.h"
#include "runtime/plugins/rpc/plugin.h"

namespace rr::app {

void register_all(PluginRegistry& registry) {
  registry.add<informer::InformerPlugin>("informer", "");
  registry.add<resetter::ResetterPlugin>("resetter", "");
  // Before whatever has workers: their scripts may call while they boot.
  registry.add<rpc::RpcPlugin>("rpc", "rpc");
  registry.add<http::HttpPlugin>("http", "http", {"server"}, {"rpc"});
  registry.add<fileserver::FileServerPlugin>("fileserver", "fileserver");
}

}  // namespace rr::app
