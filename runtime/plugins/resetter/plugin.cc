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
  process_hosts_ = context_->all<ProcessHost>();
  return {};
}

RpcValue ResetterPlugin::list() const {
  RpcValue names = RpcValue::array();
  const auto add = [&](std::string_view host) {
    RpcValue name = std::string(host);
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  };
  for (const WorkerHost* host : hosts_) add(host->host_name());
  for (const ProcessHost* host : process_hosts_) add(host->host_name());
  return names;
}

template <class Reset>
Result<void> ResetterPlugin::reset_one(const std::string& plugin, Reset reset) const {
  const Logger log = context_->logger(plugin);
  log.info("reset signal was received");
  if (auto done = reset(); !done) return failed(done.error().text());
  log.info("plugin was successfully reset");
  return {};
}

Result<RpcValue> ResetterPlugin::reset(const std::string& plugin) {
  bool known = false;
  for (WorkerHost* host : hosts_) {
    if (host->host_name() != plugin) continue;
    known = true;
    if (auto done = reset_one(plugin, [&] { return host->pool().reset(); }); !done)
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
