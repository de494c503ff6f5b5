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
  process_hosts_ = context_->all<ProcessHost>();
  return {};
}

RpcValue ResetterPlugin::list() const {
  RpcValue names = RpcValue::array();
  for (std::string& name : pool_names(hosts_)) names.push_back(std::move(name));
  for (const ProcessHost* host : process_hosts_) {
    RpcValue name = std::string(host->host_name());
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

template <class Reset>
Result<void> ResetterPlugin::reset_one(const std::string& plugin, Reset reset) const {
  const std::string_view which = plugin;
  const std::size_t colon = which.find(':');
  const Logger log = context_->logger(plugin.substr(0, colon));
  const auto say = [&](std::string_view what) {
    if (colon == which.npos) return log.info(what);
    log.info(what, kv("pool", which.substr(colon + 1)));
  };
  say("reset signal was received");
  if (auto done = reset(); !done) return failed(done.error().text());
  say("plugin was successfully reset");
  return {};
}

Result<RpcValue> ResetterPlugin::reset(const std::string& plugin) {
  const auto pools = pools_named(hosts_, plugin);
  bool known = !pools.empty();
  for (const auto& pool : pools) {
    if (auto done = reset_one(plugin, [&] { return pool->reset(); }); !done)
      return std::move(done).error();
  }
  for (ProcessHost* host : process_hosts_) {
    if (host->host_name() != plugin) continue;
    known = true;
    if (auto done = reset_one(plugin, [&] { return host->reset(); }); !done)
      return std::move(done).error();
  }
  if (!known) return failed("resetter_plugin_reset_by_name: no such plugin: " + plugin);
  return RpcValue(true);
}

}  // namespace rr::resetter
