#include "runtime/plugins/rpc/plugin.h"

#include "runtime/core/version.h"

namespace rr::rpc {

RpcPlugin::RpcPlugin() {
  methods_.add<bool>("Version", [](bool) { return RpcValue(std::string(kRoadRunnerVersion)); });
}

void RpcPlugin::init(Context& context) {
  context_ = &context;
  log_ = context.logger("rpc");
  config_ = context.section<RpcConfig>("rpc");
  context.provide<RpcService>(*this);
}

Result<void> RpcPlugin::serve() {
  std::vector<RpcService*> services = context_->all<RpcService>();
  std::vector<std::string> names;
  for (const RpcService* service : services) names.emplace_back(service->rpc_name());
  server_.emplace(context_->get<Control>(), std::move(services), log_);
  if (auto listening = server_->listen(config_.listen); !listening) {
    return std::move(listening).error().in("rpc_plugin_serve");
  }
  log_.debug("plugin was started", kv("address", config_.listen),
             kv("list of the plugins with RPC methods:", names));
  return {};
}

void RpcPlugin::refuse() {
  if (server_) server_->refuse();
}

void RpcPlugin::stop(TimePoint deadline) {
  if (server_) server_->stop(deadline);
}

}  // namespace rr::rpc
