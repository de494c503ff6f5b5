#include "runtime/app/container.h"
#include "runtime/app/libraries.h"
#include "runtime/plugins/app_logger/plugin.h"
#include "runtime/plugins/fileserver/plugin.h"
#include "runtime/plugins/http/plugin.h"
#include "runtime/plugins/http_metrics/plugin.h"
#include "runtime/plugins/informer/plugin.h"
#include "runtime/plugins/inside/plugin.h"
#include "runtime/plugins/kv/plugin.h"
#include "runtime/plugins/lock/plugin.h"
#include "runtime/plugins/metrics/plugin.h"
#include "runtime/plugins/resetter/plugin.h"
#include "runtime/plugins/rpc/plugin.h"
#include "runtime/plugins/service/plugin.h"
#include "runtime/plugins/status/plugin.h"

namespace rr::app {

namespace {

void register_built_in(PluginRegistry& registry) {
  // The first to come is the last to go: it answers until then. It shows what `inside` tells it.
  registry.add<inside::InsidePlugin>("inside", "");
  registry.add<status::StatusPlugin>("status", "status", {"inside"});
  registry.add<app_logger::AppLoggerPlugin>("app", "");
  registry.add<informer::InformerPlugin>("informer", "");
  registry.add<resetter::ResetterPlugin>("resetter", "");
  registry.add<keyvalue::KvPlugin>("kv", "kv");
  // Before whatever has workers: their scripts may call while they boot. Without its section there
  // is no socket; those on threads call all the same.
  registry.add<rpc::RpcPlugin>("rpc", "", {}, {"kv"});
  // Ended before rpc, which would wait for those that wait for a lock; after whatever has workers.
  registry.add<lock::LockPlugin>("lock", "", {}, {"rpc"});
  registry.add<metrics::MetricsPlugin>("metrics", "metrics", {}, {"rpc"});
  registry.add<http_metrics::HttpMetricsPlugin>("http_metrics", "", {}, {"metrics"});
  registry.add<service::ServicePlugin>("service", "service", {}, {"rpc"});
  registry.add<http::HttpPlugin>("http", "http", {"server"}, {"rpc", "http_metrics"});
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
