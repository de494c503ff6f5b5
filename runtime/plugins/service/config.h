// The section `service`: programs that run beside the server, by names the user chooses (spec 04
// §3.1).
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "rr/config.h"

namespace rr::service {

struct ServiceConfig {
  std::string command;
  std::int64_t process_num = 1;
  Duration exec_timeout{};
  bool remain_after_exit = false;
  std::chrono::seconds restart_sec{30};
  std::chrono::seconds timeout_stop_sec{5};
  bool service_name_in_log = false;
  config::EnvMap env;
  std::string user;

  static constexpr std::int64_t kMostProcesses = 1000;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("command", &ServiceConfig::command,
              "what to run, split on single spaces, without a shell; required"),
        field("process_num", &ServiceConfig::process_num, "how many of it"),
        field("exec_timeout", &ServiceConfig::exec_timeout,
              "a process that runs longer is killed; 0: none is"),
        field("remain_after_exit", &ServiceConfig::remain_after_exit,
              "one that has ended, however it did, is started again"),
        field("restart_sec", &ServiceConfig::restart_sec, "so many seconds later; 0: 30"),
        field("timeout_stop_sec", &ServiceConfig::timeout_stop_sec,
              "seconds between SIGINT and SIGKILL at a stop; 0: 5"),
        field("service_name_in_log", &ServiceConfig::service_name_in_log,
              "what it writes is logged as service.NAME instead of service"),
        field("env", &ServiceConfig::env, "added to the server's environment"),
        field("user", &ServiceConfig::user, "runs it; needs root; default: the server's own"),
    };
  }
  void settle() {
    if (process_num <= 0) process_num = 1;
    if (restart_sec.count() == 0) restart_sec = ServiceConfig{}.restart_sec;
    if (timeout_stop_sec.count() == 0) timeout_stop_sec = ServiceConfig{}.timeout_stop_sec;
  }
  void check(config::Errors& errors) const {
    errors.require(!command.empty(), "command", "command should not be empty");
    errors.require(process_num <= kMostProcesses, "process_num",
                   "number of processes can't be more than 1000");
    errors.require(exec_timeout >= Duration::zero(), "exec_timeout", "can't be negative");
    errors.require(restart_sec.count() >= 0, "restart_sec", "can't be negative");
    errors.require(timeout_stop_sec.count() >= 0, "timeout_stop_sec", "can't be negative");
  }
};

using ServicesConfig = std::map<std::string, ServiceConfig>;

}  // namespace rr::service
