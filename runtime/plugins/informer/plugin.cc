#include "runtime/plugins/informer/plugin.h"

#include <cmath>

#include "rr/worker_hosts.h"

namespace rr::informer {

namespace {

// As Go writes it: no fraction where there is none.
RpcValue number(double value) {
  constexpr double kExact = 1e15;
  if (!std::isfinite(value)) return RpcValue(0);
  if (std::abs(value) < kExact && value == std::trunc(value)) {
    return RpcValue(static_cast<std::int64_t>(value));
  }
  return RpcValue(value);
}

RpcValue worker(const WorkerInfo& info) {
  RpcValue out = RpcValue::object();
  out["pid"] = info.pid;
  out["status"] = static_cast<int>(info.state);
  out["numExecs"] = info.executions;
  out["created"] = info.created_unix_ns;
  out["memoryUsage"] = info.memory_bytes;
  out["CPUPercent"] = number(info.cpu_percent);
  out["command"] = "";
  out["statusStr"] = std::string(to_string(info.state));
  return out;
}

}  // namespace

InformerPlugin::InformerPlugin() {
  methods_.add<RpcValue>(
      "List", [this](const RpcValue&) { return list(); }, RpcMethods::Blocks::no);
  methods_.add<std::string>("Workers",
                            [this](const std::string& plugin) { return workers(plugin); });
  // No plugin has pipelines yet; of one without RoadRunner says null, too.
  methods_.add<std::string>("Jobs", [](const std::string&) { return RpcValue(nullptr); });
  methods_.add<std::string>(
      "AddWorker", [this](const std::string& plugin) { return scale(plugin, &Pool::add_worker); });
  methods_.add<std::string>("RemoveWorker", [this](const std::string& plugin) {
    return scale(plugin, &Pool::remove_worker);
  });
}

// Both reply with the zero value of a bool, as RoadRunner does.
Result<RpcValue> InformerPlugin::scale(const std::string& plugin,
                                       Result<void> (Pool::*change)()) const {
  const auto pools = pools_named(hosts_, plugin);
  for (const auto& pool : pools) {
    if (auto done = (pool.get()->*change)(); !done) return std::move(done).error();
  }
  if (pools.empty()) {
    return Error(Errc::invalid, "", "plugin " + plugin + " does not support workers management");
  }
  return RpcValue(false);
}

void InformerPlugin::init(Context& context) {
  context_ = &context;
  context.provide<RpcService>(*this);
}

Result<void> InformerPlugin::serve() {
  hosts_ = context_->all<WorkerHost>();
  return {};
}

RpcValue InformerPlugin::list() const {
  RpcValue names = RpcValue::array();
  for (std::string& name : pool_names(hosts_)) names.push_back(std::move(name));
  return names;
}

RpcValue InformerPlugin::workers(const std::string& plugin) const {
  RpcValue all(nullptr);
  for (const auto& pool : pools_named(hosts_, plugin)) {
    if (all.is_null()) all = RpcValue::array();
    for (const WorkerInfo& info : pool->workers()) all.push_back(worker(info));
  }
  RpcValue reply = RpcValue::object();
  reply["workers"] = std::move(all);
  return reply;
}

}  // namespace rr::informer
