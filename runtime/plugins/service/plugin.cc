#include "runtime/plugins/service/plugin.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include "runtime/plugins/service/plan.h"
#include "runtime/pool/process/process_stats.h"

namespace rr::service {

namespace {

// What a number of seconds can be at most, so that nothing that is counted from it overflows.
std::chrono::seconds seconds(std::uint64_t count) {
  constexpr std::uint64_t kMost = 100ULL * 365 * 24 * 3600;
  return std::chrono::seconds(std::min(count, kMost));
}

Result<Response> response(const Result<void>& done) {
  if (!done) return Error(done.error());
  return Response{.message = {}, .ok = true};
}

std::string gone_text(const Services::State& state) {
  return "process_state: open /proc/" + std::to_string(state.pid) +
         "/statm: no such file or directory";
}

Status status_of(const Services::State& state) {
  Status status;
  status.pid = state.pid;
  status.command = state.command;
  if (state.runs) {
    const pool::ProcessStats stats = pool::process_stats(state.pid);
    status.cpu_percent = static_cast<float>(stats.cpu_percent);
    status.memory_usage = stats.resident_bytes;
  } else {
    status.status.message = gone_text(state);
  }
  return status;
}

}  // namespace

ServicePlugin::ServicePlugin() {
  methods_.add<Create>("Create", [this](const Create& request) { return create(request); });
  methods_.add<Service>("Terminate", [this](const Service& request) {
    return response(services_->terminate(request.name));
  });
  methods_.add<Service>("Restart", [this](const Service& request) {
    return response(services_->restart(request.name));
  });
  methods_.add<Service>("Status", [this](const Service& request) { return status(request); });
  methods_.add<Service>("Statuses", [this](const Service& request) { return statuses(request); });
  methods_.add<Service>("List", [this](const Service&) { return list(); });
}

void ServicePlugin::init(Context& context) {
  context_ = &context;
  control_ = &context.get<Control>();
  config_ = context.section<ServicesConfig>("service");
  reaper_ = context.look_for<pool::Reaper>();
  if (reaper_ == nullptr) {
    auto own = pool::Reaper::start();
    if (!own)
      throw ConfigError(std::vector<std::string>{"service_plugin_init"}, own.error().message);
    reaper_ = &own_reaper_.emplace(std::move(own).value());
  }
  services_.emplace(Services::Parts{
      *control_, *reaper_, pool::own_environment(), context.logger("service"),
      [&context](const std::string& name) { return context.logger("service." + name); }});
  reloads_.emplace(control_->io().get_executor());
  context.provide<RpcService>(*this);
  context.provide<ProcessHost>(*this);
  context.provide<Reloadable>(*this);
}

Result<void> ServicePlugin::serve() {
  auto started = services_->start(config_);
  if (!started) return std::move(started).error().in("service_plugin_serve");
  return started;
}

void ServicePlugin::stop(TimePoint deadline) {
  reloads_->close();
  services_->stop(deadline);
  reloads_->join(deadline);
}

// ---------------------------------------------------------------- RPC

Result<Response> ServicePlugin::create(const Create& request) {
  ServiceConfig config;
  config.command = request.command;
  config.process_num = request.process_num;
  config.exec_timeout =
      seconds(static_cast<std::uint64_t>(std::max<std::int64_t>(request.exec_timeout, 0)));
  config.remain_after_exit = request.remain_after_exit;
  if (request.restart_sec > 0) config.restart_sec = seconds(request.restart_sec);
  if (request.timeout_stop_sec > 0) config.timeout_stop_sec = seconds(request.timeout_stop_sec);
  config.service_name_in_log = request.service_name_in_logs;
  config.env.variables = request.env;
  return response(services_->create(request.name, std::move(config)));
}

Result<Status> ServicePlugin::status(const Service& request) {
  auto states = services_->states(request.name);
  if (!states) return std::move(states).error();
  for (const Services::State& state : *states) {
    if (!state.runs) return Error(Errc::invalid, "", gone_text(state));
  }
  return states->empty() ? Status() : status_of(states->back());
}

Result<Statuses> ServicePlugin::statuses(const Service& request) {
  auto states = services_->states(request.name);
  if (!states) return std::move(states).error();
  Statuses all;
  for (const Services::State& state : *states) all.status.push_back(status_of(state));
  return all;
}

Result<List> ServicePlugin::list() {
  return List{services_->names()};
}

// ---------------------------------------------------------------- informer and resetter

std::vector<ProcessHost::Process> ServicePlugin::processes() const {
  std::vector<Process> all;
  for (const Services::State& state : services_->running()) {
    const pool::ProcessStats stats = pool::process_stats(state.pid);
    if (stats.resident_bytes == 0) continue;  // has just ended
    all.push_back({.info = {.pid = state.pid,
                            .state = WorkerState::ready,
                            .memory_bytes = stats.resident_bytes,
                            .cpu_percent = stats.cpu_percent},
                   .command = state.command});
  }
  return all;
}

Result<void> ServicePlugin::reset() {
  services_->reset();
  return {};
}

// ---------------------------------------------------------------- reload

class ServicePlugin::Change final : public Reloadable::Change {
 public:
  Change(ServicePlugin& plugin, ServicesConfig config)
      : plugin_(plugin), config_(std::move(config)) {}

  // Two of one service at a time may get into each other's way: nothing is started before the old
  // ones have ended. What can be known to fail is found here.
  Result<void> start() override {
    for (const auto& [name, each] : config_) {
      auto plan = make_plan(each, {}, *plugin_.reaper_);
      if (!plan) return std::move(plan).error().in("service." + name);
    }
    return {};
  }
  void cancel() override {}
  void use() override { plugin_.apply(std::move(config_)); }

 private:
  ServicePlugin& plugin_;  // outlives its changes
  ServicesConfig config_;
};

std::unique_ptr<Reloadable::Change> ServicePlugin::prepare(Context& context) {
  return std::make_unique<Change>(*this, context.section<ServicesConfig>("service"));
}

void ServicePlugin::apply(ServicesConfig config) {
  reloads_->spawn(apply_later(std::move(config)));
}

Task<void> ServicePlugin::apply_later(ServicesConfig config) {
  auto call = [this, config = std::move(config)] {
    services_->apply(config);
    return true;
  };
  co_await control_->block(std::move(call));
}

}  // namespace rr::service
