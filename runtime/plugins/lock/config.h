// The `lock` section, which RoadRunner does not have: where locks are kept.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "rr/config.h"
#include "runtime/net/redis/settings.h"

namespace rr::lock {

enum class Driver : std::uint8_t { memory, redis };

constexpr auto config_names(Driver) {
  return std::array{std::pair{std::string_view("memory"), Driver::memory},
                    std::pair{std::string_view("redis"), Driver::redis}};
}

struct LockConfig {
  Driver driver = Driver::memory;
  std::string prefix = "rr:lock:";
  std::optional<redis::Settings> config;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("driver", &LockConfig::driver,
              "where locks are kept: memory, of this server; redis, of all servers that use it"),
        field("prefix", &LockConfig::prefix, "redis: what keys begin with"),
        field("config", &LockConfig::config, "redis: how it is reached"),
    };
  }
  void check(config::Errors& errors) const {
    errors.require(driver != Driver::redis || config.has_value(), "config",
                   "the driver redis needs to know where it is: config: {addrs: [host:port]}");
    if (driver == Driver::memory && config) errors.warn("config", "has no effect without redis");
  }
};

}  // namespace rr::lock
