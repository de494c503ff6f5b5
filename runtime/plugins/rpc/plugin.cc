#include "runtime/plugins/rpc/plugin.h"

#include "runtime/core/version.h"
#include "runtime/plugins/rpc/group.h"

namespace rr::rpc {

RpcPlugin::RpcPlugin() {
  methods_.add<bool>(
      "Version", [](bool) { return RpcValue(std::string(kRoadRunnerVersion)); },
      RpcMethods::Blocks::no);
  methods_.add<bool>("Config", [this](bool) { return bytes_value(context_->config_json()); });
}

void RpcPlugin::init(Context& context) {
  context_ = &context;
  log_ = context.logger("rpc");
  if (context.has("rpc")) config_ = context.section<RpcConfig>("rpc");
  if (const auto* owner = context.look_for<FileOwner>()) owner_ = *owner;
  context.provide<RpcService>(*this);
  context.provide<RpcCaller>(local_calls_);
}

Result<net::ListenSocket::Options> RpcPlugin::socket_options() const {
  net::ListenSocket::Options options;
  options.mode = config_->socket_mode();
  if (owner_) {
    options.user = owner_->user;
    options.group = owner_->group;
  }
  if (!config_->group.empty() && config_->listen.starts_with("unix://")) {
    auto group = find_group(config_->group);
    if (!group) return std::move(group).error().in("rpc.group");
    options.group = *group;
  }
  return options;
}

Result<void> RpcPlugin::serve() {
  std::vector<RpcService*> services = context_->all<RpcService>();
  local_calls_.serve(context_->get<Control>(), services);
  return config_ ? listen(std::move(services)) : Result<void>();
}

Result<void> RpcPlugin::listen(std::vector<RpcService*> services) {
  const auto options = socket_options();
  if (!options) return Error(options.error()).in("rpc_plugin_serve");
  std::vector<std::string> names;
  names.reserve(services.size());
  for (const RpcService* service : services) names.emplace_back(service->rpc_name());
  server_.emplace(context_->get<Control>(), std::move(services), log_);
  if (auto listening = server_->listen(config_->listen, options.value()); !listening) {
    return std::move(listening).error().in("rpc_plugin_serve");
  }
  log_.debug("plugin was started", kv("address", config_->listen),
             kv("list of the plugins with RPC methods:", names));
  return {};
}

void RpcPlugin::refuse() {
  if (server_) server_->refuse();
}

void RpcPlugin::hand_over(TimePoint) {
  refuse();
}

void RpcPlugin::stop(TimePoint deadline) {
  if (server_) server_->stop(deadline);
  local_calls_.stop(deadline);
}

}  // namespace rr::rpc
