#include "runtime/plugins/resetter/plugin.h"

#include "rr/worker_hosts.h"

namespace rr::resetter {

namespace {

Error failed(std::string_view why) {
  return Error(Errc::invalid, "", std::string("resetter_rpc_reset:\n\t").append(why));
}

}  // namespace

ResetterPlugin::ResetterPlugin() {
  methods_.add<RpcValue>(
      "List", [this](const RpcValue&) { return list(); }, RpcMethods::Blocks::no);
  methods_.add<std::string>("Reset", [this](const std::string& plugin) { return reset(plugin); });
}

void ResetterPlugin::init(Context& context) {
  context_ = &context;
  context.provide<RpcService>(*this);
}

Result<void> ResetterPlugin::serve() {
  hosts_ = context_->all<WorkerHost>();
  return {};
}

RpcValue ResetterPlugin::list() const {
  RpcValue names = RpcValue::array();
  for (std::string& name : pool_names(hosts_)) names.push_back(std::move(name));
  return names;
}

Result<RpcValue> ResetterPlugin::reset(const std::string& plugin) {
  const auto pools = pools_named(hosts_, plugin);
  for (const auto& pool : pools) {
    const Logger log = context_->logger(plugin.substr(0, plugin.find(':')));
    const std::string_view which = plugin;
    const auto say = [&](std::string_view what) {
      if (which.find(':') == which.npos) return log.info(what);
      log.info(what, kv("pool", which.substr(which.find(':') + 1)));
    };
    say("reset signal was received");
    if (auto done = pool->reset(); !done) return failed(done.error().text());
    say("plugin was successfully reset");
  }
  if (pools.empty()) return failed("resetter_plugin_reset_by_name: no such plugin: " + plugin);
  return RpcValue(true);
}

}  // namespace rr::resetter
