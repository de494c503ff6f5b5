#include "runtime/plugins/service/services.h"

#include <algorithm>
#include <functional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "runtime/plugins/service/plan.h"

namespace rr::service {

namespace {

Error refused(std::string why) {
  return Error(Errc::invalid, "", std::move(why));
}

Error unknown(const std::string& name) {
  return refused("the service with " + name + " name doesn't exist");
}

}  // namespace

Services::~Services() = default;

// Runs a task on the control thread and waits for it. Asio wants values that can be made from
// nothing; Result can.
template <class T>
T Services::at_home(Task<T> task) {
  return boost::asio::co_spawn(parts_.control.io(), std::move(task), boost::asio::use_future).get();
}

Logger Services::log_of(const Service& service) const {
  return service.config.service_name_in_log ? parts_.named_log(service.name) : parts_.log;
}

// ---------------------------------------------------------------- control thread

Task<Result<void>> Services::start_processes(Service* service) {
  const Logger log = log_of(*service);
  for (std::int64_t i = 0; i < service->config.process_num; ++i) {
    auto& process = service->processes.emplace_back(std::make_unique<Process>(
        parts_.control.io(), service->plan, service->config, parts_.reaper, log));
    auto started = process->start();
    if (started) {
      live_.insert(process.get());
      // Here, so that it comes before what the process writes.
      if (service->configured)
        parts_.log.info("service was started", kv("name", service->name),
                        kv("command", service->config.command));
      continue;
    }
    service->processes.pop_back();
    std::vector<Service*> one{service};
    co_await end_processes(std::move(one), TimePoint::max());
    co_return std::move(started).error();
  }
  co_return Result<void>();
}

// All at once: they have the same time.
Task<void> Services::end_processes(std::vector<Service*> services, TimePoint kill_at) {
  for (Service* service : services) {
    for (const auto& process : service->processes) process->stop(kill_at);
  }
  for (Service* service : services) {
    for (const auto& process : service->processes) {
      co_await process->over();
      live_.erase(process.get());
    }
    service->processes.clear();
  }
}

Task<void> Services::hasten(TimePoint kill_at) {
  for (Process* process : live_) process->stop(kill_at);
  co_return;
}

Task<std::vector<Services::State>> Services::look_at(std::vector<const Service*> services) {
  std::vector<State> states;
  for (const Service* service : services) {
    for (const auto& process : service->processes)
      states.push_back({process->pid(), process->runs(), shown_command(service->plan)});
  }
  co_return states;
}

// ---------------------------------------------------------------- under the mutex

Result<void> Services::start_service(const std::string& name, ServiceConfig config, Origin origin) {
  if (stopped_) return Error(Errc::stopped, "", "services are stopped");
  auto plan = make_plan(config, parts_.environment, parts_.reaper);
  if (!plan) return std::move(plan).error();
  auto service = std::make_unique<Service>(
      Service{name, std::move(config), std::move(*plan), origin == Origin::configuration});
  if (auto started = at_home(start_processes(service.get())); !started) return started;
  services_[name] = std::move(service);
  return {};
}

// One that is there. It is gone when it cannot be started.
Result<void> Services::start_again(const std::string& name) {
  Service& service = *services_.at(name);
  const Origin origin = service.configured ? Origin::configuration : Origin::call;
  ServiceConfig config = service.config;
  forget(name, TimePoint::max());
  return start_service(name, std::move(config), origin);
}

void Services::forget(const std::string& name, TimePoint kill_at) {
  const auto found = services_.find(name);
  std::vector<Service*> one{found->second.get()};
  at_home(end_processes(std::move(one), kill_at));
  services_.erase(found);
}

// ---------------------------------------------------------------- what others ask for

Result<void> Services::start(const ServicesConfig& config) {
  std::lock_guard lock(mutex_);
  for (const auto& [name, each] : config) {
    if (auto started = start_service(name, each, Origin::configuration); !started) return started;
  }
  return {};
}

void Services::stop(TimePoint deadline) {
  stopped_ = true;
  at_home(hasten(deadline));  // who has the mutex may wait for one of them
  std::lock_guard lock(mutex_);
  std::vector<Service*> all;
  for (const auto& [name, service] : services_) all.push_back(service.get());
  at_home(end_processes(std::move(all), deadline));
  for (const auto& [name, service] : services_) {
    for (std::int64_t i = 0; i < service->config.process_num; ++i)
      parts_.log.info("service was stopped", kv("name", name),
                      kv("command", service->config.command));
  }
  services_.clear();
}

Result<void> Services::create(const std::string& name, ServiceConfig config) {
  std::lock_guard lock(mutex_);
  if (config.process_num <= 0)
    return refused("the service with " + name + " name should have at least 1 process");
  if (config.process_num > ServiceConfig::kMostProcesses)
    return refused("number of processes can't be more than " +
                   std::to_string(ServiceConfig::kMostProcesses));
  if (services_.contains(name)) return refused("the service with " + name + " name already exists");
  return start_service(name, std::move(config), Origin::call);
}

Result<void> Services::terminate(const std::string& name) {
  std::lock_guard lock(mutex_);
  if (!services_.contains(name)) return unknown(name);
  forget(name, TimePoint::max());
  return {};
}

Result<void> Services::restart(const std::string& name) {
  std::lock_guard lock(mutex_);
  if (!services_.contains(name)) return unknown(name);
  return start_again(name);
}

void Services::reset() {
  std::lock_guard lock(mutex_);
  std::vector<std::string> all;
  for (const auto& [name, service] : services_) all.push_back(name);
  for (const std::string& name : all) {
    if (auto started = start_again(name); !started)
      parts_.log.error("unable to start the service", kv("name", name),
                       kv("error", started.error().text()));
  }
}

void Services::apply(const ServicesConfig& config) {
  std::lock_guard lock(mutex_);
  if (stopped_) return;
  std::vector<std::string> gone, again;
  for (const auto& [name, service] : services_)
    (service->configured || config.contains(name) ? gone : again).push_back(name);
  for (const std::string& name : gone) forget(name, TimePoint::max());
  const auto tell = [&](const std::string& name, const Result<void>& started) {
    if (started) return;
    parts_.log.error("unable to start the service", kv("name", name),
                     kv("error", started.error().text()));
  };
  for (const std::string& name : again) tell(name, start_again(name));
  for (const auto& [name, each] : config)
    tell(name, start_service(name, each, Origin::configuration));
}

std::vector<std::string> Services::names() {
  std::lock_guard lock(mutex_);
  std::vector<std::string> all;
  for (const auto& [name, service] : services_) all.push_back(name);
  return all;
}

Result<std::vector<Services::State>> Services::states(const std::string& name) {
  std::lock_guard lock(mutex_);
  const auto found = services_.find(name);
  if (found == services_.end()) return unknown(name);
  std::vector<const Service*> one{found->second.get()};
  return at_home(look_at(std::move(one)));
}

std::vector<Services::State> Services::running() {
  std::lock_guard lock(mutex_);
  std::vector<const Service*> all;
  for (const auto& [name, service] : services_) all.push_back(service.get());
  auto states = at_home(look_at(std::move(all)));
  std::erase_if(states, [](const State& state) { return !state.runs; });
  return states;
}

}  // namespace rr::service
