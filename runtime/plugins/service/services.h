// All services by name, those of the configuration and those that were created.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "rr/log.h"
#include "rr/process_host.h"
#include "rr/result.h"
#include "runtime/core/control.h"
#include "runtime/core/task_group.h"
#include "runtime/plugins/service/config.h"
#include "runtime/plugins/service/process.h"
#include "runtime/pool/process/environment.h"
#include "runtime/pool/process/reaper.h"

namespace rr::service {

// Members block and may be called by any thread but that of the control plane, between
// Control::start() and stop(). One at a time is at work, so that nobody sees a service half
// restarted. Names are those of the services; errors have RoadRunner's words.
class Services {
 public:
  struct Parts {
    Control& control;      // the application's
    pool::Reaper& reaper;  // outlives this
    pool::Variables environment;
    Logger log;                                                // `service`
    std::function<Logger(const std::string& name)> named_log;  // `service.NAME`
  };
  explicit Services(Parts parts) : parts_(std::move(parts)) {}
  ~Services();

  // Those of the configuration; the first that cannot be started ends it.
  Result<void> start(const ServicesConfig& config);
  // Ends all; what has not ended by the deadline is killed. Nothing can be started afterwards.
  void stop(TimePoint deadline);

  Result<void> create(const std::string& name, ServiceConfig config);
  Result<void> terminate(const std::string& name);
  // Ends all its processes, then starts as many. One that cannot be started is forgotten.
  Result<void> restart(const std::string& name);
  // All of them; errors are logged.
  void reset();
  // Another configuration: its services are started anew, those that it does not have any more are
  // ended, those that were created go on anew.
  void apply(const ServicesConfig& config);

  std::vector<std::string> names();
  // Each process that was started, in that order: also those that do not run any more.
  struct State {
    pid_t pid = 0;
    bool runs = false;
    std::string command;
  };
  Result<std::vector<State>> states(const std::string& name);
  // Of all services, those that run.
  std::vector<State> running();

 private:
  struct Service {
    std::string name;
    ServiceConfig config;
    pool::LaunchPlan plan;
    bool configured = false;
    std::vector<std::unique_ptr<Process>> processes = {};
  };
  using Pointer = std::unique_ptr<Service>;
  enum class Origin : std::uint8_t { configuration, call };

  template <class T>
  T at_home(Task<T> task);

  Result<void> start_service(const std::string& name, ServiceConfig config, Origin origin);
  Result<void> start_again(const std::string& name);
  void forget(const std::string& name, TimePoint kill_at);
  Logger log_of(const Service& service) const;

  // ---- control thread
  Task<Result<void>> start_processes(Service* service);
  Task<void> end_processes(std::vector<Service*> services, TimePoint kill_at);
  Task<void> hasten(TimePoint kill_at);
  static Task<std::vector<State>> look_at(std::vector<const Service*> services);

  const Parts parts_;
  std::mutex mutex_;  // guards the one below, but for processes, which are the control thread's
  std::map<std::string, Pointer> services_;
  std::atomic<bool> stopped_{false};
  std::set<Process*> live_;  // control thread: all there are, also those that nobody else has yet
};

}  // namespace rr::service
