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

// `command`: of a process that is no PHP worker; those have no status in words.
RpcValue worker(const WorkerInfo& info, const std::string& command, std::string_view status) {
  RpcValue out = RpcValue::object();
  out["pid"] = info.pid;
  out["status"] = static_cast<int>(info.state);
  out["numExecs"] = info.executions;
  out["created"] = info.created_unix_ns;
  out["memoryUsage"] = info.memory_bytes;
  out["CPUPercent"] = number(info.cpu_percent);
  out["command"] = command;
  out["statusStr"] = std::string(status);
  return out;
}

// Each name once.
void add_name(RpcValue& names, std::string_view host) {
  RpcValue name = std::string(host);
  if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
}

}  // namespace

InformerPlugin::InformerPlugin() {
  methods_.add<RpcValue>(
      "List", [this](const RpcValue&) { return list(); }, RpcMethods::Blocks::no);
  methods_.add<std::string>("Workers",
                            [this](const std::string& plugin) { return workers(plugin); });
  methods_.add<std::string>("Jobs", [this](const std::string& plugin) { return jobs(plugin); });
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
  process_hosts_ = context_->all<ProcessHost>();
  pipeline_hosts_ = context_->all<PipelineHost>();
  return {};
}

RpcValue InformerPlugin::list() const {
  RpcValue names = RpcValue::array();
  for (std::string& name : pool_names(hosts_)) names.push_back(std::move(name));
  for (const ProcessHost* host : process_hosts_) add_name(names, host->host_name());
  return names;
}

RpcValue InformerPlugin::workers(const std::string& plugin) const {
  RpcValue all(nullptr);
  for (const auto& pool : pools_named(hosts_, plugin)) {
    if (all.is_null()) all = RpcValue::array();
    for (const WorkerInfo& info : pool->workers())
      all.push_back(worker(info, "", to_string(info.state)));
  }
  for (const ProcessHost* host : process_hosts_) {
    if (host->host_name() != plugin) continue;
    if (all.is_null()) all = RpcValue::array();
    for (const ProcessHost::Process& each : host->processes())
      all.push_back(worker(each.info, each.command, ""));
  }
  RpcValue reply = RpcValue::object();
  reply["workers"] = std::move(all);
  return reply;
}

// Null where there are none to tell of: another plugin, drivers that cannot say.
RpcValue InformerPlugin::jobs(const std::string& plugin) const {
  RpcValue all(nullptr);
  for (PipelineHost* host : pipeline_hosts_) {
    if (host->host_name() != plugin) continue;
    auto pipelines = host->pipelines();
    if (!pipelines) return RpcValue(nullptr);
    if (all.is_null()) all = RpcValue::array();
    for (const PipelineState& each : *pipelines) {
      RpcValue state = RpcValue::object();
      state["Pipeline"] = each.pipeline;
      state["Driver"] = each.driver;
      state["Queue"] = each.queue;
      state["Active"] = each.active;
      state["Delayed"] = each.delayed;
      state["Reserved"] = each.reserved;
      state["Ready"] = each.ready;
      state["Priority"] = each.priority;
      state["ErrorMessage"] = each.error;
      all.push_back(std::move(state));
    }
  }
  return all;
}

}  // namespace rr::informer
