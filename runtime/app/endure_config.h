// The `endure` section: the container's own options (spec 05 §2.1).
#pragma once

#include <chrono>
#include <string>
#include <tuple>

#include "rr/config.h"

namespace rr::app {

struct EndureConfig {
  Duration grace_period = std::chrono::seconds(30);
  std::string log_level = "error";
  bool print_graph = false;
  int watchdog_sec = 0;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("grace_period", &EndureConfig::grace_period, "how long a stop may take"),
        field("log_level", &EndureConfig::log_level, "of the container: debug, info, warn, error"),
        field("print_graph", &EndureConfig::print_graph, "write the graph of plugins to stderr"),
        field("watchdog_sec", &EndureConfig::watchdog_sec,
              "seconds between WATCHDOG=1 to systemd; 0: none"),
    };
  }
};

}  // namespace rr::app
