// The `server` section: how PHP is started (spec 05 §4.1).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "rr/config.h"

namespace rr::app {

// A command that runs to its end before any worker starts.
struct OnInitConfig {
  config::Command command;
  Duration exec_timeout = std::chrono::seconds(60);
  config::EnvMap env;
  std::string user;
  bool exit_on_error = false;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("command", &OnInitConfig::command, "what to run"),
        field("exec_timeout", &OnInitConfig::exec_timeout, "after which it is killed"),
        field("env", &OnInitConfig::env, "added to the server's environment"),
        field("user", &OnInitConfig::user, "runs it; needs root; default: the server's own"),
        field("exit_on_error", &OnInitConfig::exit_on_error, "a failure ends the start"),
    };
  }
  void settle() {
    if (exec_timeout == Duration::zero()) exec_timeout = std::chrono::seconds(60);
  }
  void check(config::Errors& errors) const {
    errors.require(!command.empty(), "command", "on_init command should not be empty",
                   {.kind = "Init error", .op = {}});
  }
};

struct ServerConfig {
  config::Command command;
  std::string user;
  std::string group;
  config::EnvMap env;
  std::string relay = "pipes";
  std::optional<OnInitConfig> on_init;
  std::optional<bool> guardian;  // unset: see guardian::wanted(), which reads it

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("command", &ServerConfig::command,
              "the worker: `php worker.php`, or a list of words; required"),
        field("user", &ServerConfig::user,
              "runs the workers and owns uploads and unix sockets; needs root. With workers on "
              "threads "
              "the whole server runs as this user once it listens"),
        field("group", &ServerConfig::group,
              "without effect, as in RoadRunner: the group is the user's"),
        field("env", &ServerConfig::env,
              "added to the workers' environment; names become upper case"),
        field("relay", &ServerConfig::relay,
              "how process workers are reached: pipes, tcp://host:port, unix://path"),
        field("on_init", &ServerConfig::on_init, "a command to run before the first worker"),
        field("guardian", &ServerConfig::guardian,
              "the process that is started is a parent that restarts the server when it crashes. "
              "With processes alone: only where it says true, or as PID 1"),
    };
  }
  void settle() {
    if (relay.empty()) relay = "pipes";
  }
  void check(config::Errors& errors) const {
    if (!group.empty()) {
      errors.warn("group", "accepted as in RoadRunner, without effect: the group is the user's");
    }
    errors.require(!command.empty(), "command", "command should not be empty",
                   {.kind = "Init error", .op = {}});
    const std::size_t scheme = relay.find("://");
    const bool is_dsn =
        scheme != std::string::npos && relay.find("://", scheme + 3) == std::string::npos;
    errors.require(relay == "pipes" || is_dsn, "relay",
                   "invalid DSN (tcp://:6001, unix://file.sock)",
                   {.kind = "Network", .op = "server_plugin_init_factory"});
  }
};

}  // namespace rr::app
