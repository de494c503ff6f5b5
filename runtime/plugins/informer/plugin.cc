#include "runtime/plugins/informer/plugin.h"

#include <algorithm>
#include <cmath>

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
  methods_.add<std::string>(
      "AddWorker", [this](const std::string& plugin) { return scale(plugin, &Pool::add_worker); });
  methods_.add<std::string>("RemoveWorker", [this](const std::string& plugin) {
    return scale(plugin, &Pool::remove_worker);
  });
  // No plugin has pipelines yet; of one without RoadRunner says null, too.
  methods_.add<std::string>("Jobs", [](const std::string&) { return RpcValue(nullptr); });
}

// Both reply with the zero value of a bool, as RoadRunner does.
Result<RpcValue> InformerPlugin::scale(const std::string& plugin,
                                       Result<void> (Pool::*change)()) const {
  bool known = false;
  for (WorkerHost* host : hosts_) {
    if (host->host_name() != plugin) continue;
    known = true;
    if (auto done = (host->pool().*change)(); !done) return std::move(done).error();
  }
  if (!known) {
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
  for (const WorkerHost* host : hosts_) {
    RpcValue name(std::string(host->host_name()));
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

RpcValue InformerPlugin::workers(const std::string& plugin) const {
  RpcValue all(nullptr);
  for (WorkerHost* host : hosts_) {
    if (host->host_name() != plugin) continue;
    if (all.is_null()) all = RpcValue::array();
    for (const WorkerInfo& info : host->pool().workers()) all.push_back(worker(info));
  }
  RpcValue reply = RpcValue::object();
  reply["workers"] = std::move(all);
  return reply;
}

}  // namespace rr::informer
