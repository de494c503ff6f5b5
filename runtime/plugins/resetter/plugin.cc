#include "runtime/plugins/resetter/plugin.h"

#include <algorithm>

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
  for (const WorkerHost* host : hosts_) {
    RpcValue name(std::string(host->host_name()));
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

Result<RpcValue> ResetterPlugin::reset(const std::string& plugin) {
  bool known = false;
  for (WorkerHost* host : hosts_) {
    if (host->host_name() != plugin) continue;
    known = true;
    const Logger log = context_->logger(plugin);
    log.info("reset signal was received");
    if (auto done = host->pool().reset(); !done) return failed(done.error().text());
    log.info("plugin was successfully reset");
  }
  if (!known) return failed("resetter_plugin_reset_by_name: no such plugin: " + plugin);
  return RpcValue(true);
}

}  // namespace rr::resetter
