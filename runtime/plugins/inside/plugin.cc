#include "runtime/plugins/inside/plugin.h"

#include <array>
#include <chrono>
#include <string>

#include <boost/asio/post.hpp>

#include "rr/worker_hosts.h"
#include "runtime/plugins/inside/picture.h"

namespace rr::inside {
namespace {

// How long scripts have to come to where they can tell their stack.
constexpr std::chrono::seconds kPatience(1);

constexpr std::array kFailures{event::worker_error,    event::worker_soft_error,
                               event::no_free_workers, event::exec_ttl,
                               event::max_memory,      event::script_error};

}  // namespace

InsidePlugin::InsidePlugin() {
  methods_.add<RpcValue>("State", [this](const RpcValue&) { return picture(); });
  methods_.add<RpcValue>("Stacks", [this](const RpcValue& argument) -> Result<RpcValue> {
    auto pid = number_member(argument, "pid");
    if (!pid) return std::move(pid).error();
    return stacks(*pid);
  });
}

void InsidePlugin::init(Context& context) {
  context_ = &context;
  control_ = &context.get<Control>();
  Events::Inbox inbox;
  inbox.notify = [this] { boost::asio::post(control_->io(), [this] { take_in(); }); };
  // The patterns are ours: none can be refused.
  for (const std::string_view type : kFailures) {
    const std::string pattern = "*." + std::string(type);
    if (failures_) {
      (void)failures_->add(pattern);
    } else {
      failures_ = context.get<Events>().subscribe(pattern, inbox).value();
    }
  }
  context.provide<RpcService>(*this);
  context.provide<Inside>(*this);
}

Result<void> InsidePlugin::serve() {
  hosts_ = context_->all<WorkerHost>();
  return {};
}

// Control thread.
void InsidePlugin::take_in() {
  while (const auto event = failures_->next(TimePoint{}))
    errors_.add(*event, std::chrono::system_clock::now());
}

RpcValue InsidePlugin::picture() {
  return picture_of(hosts_, errors_, started_);
}

Result<RpcValue> InsidePlugin::stacks(std::int64_t pid) const {
  RpcValue all = RpcValue::array();
  for (const std::string& name : pool_names(hosts_)) {
    for (const auto& pool : pools_named(hosts_, name)) {
      for (const WorkerStack& each : pool->stacks(pid, Clock::now() + kPatience)) {
        if (all.size() < kMaxWorkers) all.push_back(picture_of(each, name));
      }
    }
  }
  if (pid != 0 && all.empty()) {
    return Error(Errc::invalid, "",
                 "no worker has the PID or thread number " + std::to_string(pid) +
                     ": `rr-embed workers` lists them");
  }
  RpcValue reply = RpcValue::object();
  reply["workers"] = std::move(all);
  return reply;
}

}  // namespace rr::inside
