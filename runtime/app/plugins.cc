#include "runtime/app/container.h"
#include "runtime/app/libraries.h"
#include "runtime/plugins/fileserver/plugin.h"
#include "runtime/plugins/http/plugin.h"
#include "runtime/plugins/informer/plugin.h"
#include "runtime/plugins/kv/plugin.h"
#include "runtime/plugins/lock/plugin.h"
#include "runtime/plugins/resetter/plugin.h"
#include "runtime/plugins/rpc/plugin.h"

namespace rr::app {

namespace {

void register_built_in(PluginRegistry& registry) {
  registry.add<informer::InformerPlugin>("informer", "");
  registry.add<resetter::ResetterPlugin>("resetter", "");
  registry.add<keyvalue::KvPlugin>("kv", "kv");
  // Before whatever has workers: their scripts may call while they boot.
  registry.add<rpc::RpcPlugin>("rpc", "rpc", {}, {"kv"});
  // Ended before rpc, which would wait for those that wait for a lock; after whatever has workers.
  registry.add<lock::LockPlugin>("lock", "", {}, {"rpc"});
  registry.add<http::HttpPlugin>("http", "http", {"server"}, {"rpc"});
  registry.add<fileserver::FileServerPlugin>("fileserver", "fileserver");
}

}  // namespace

void register_all(PluginRegistry& registry, const config::Config& config) {
  PluginRegistry built_in;
  register_built_in(built_in);
  load_libraries(registry, built_in, config);
  for (const PluginRegistry::Entry& entry : built_in.entries()) registry.add(entry);
}

}  // namespace rr::app
