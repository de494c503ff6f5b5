// Makes the pools of plugins.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rr/pool.h"
#include "runtime/pool/config.h"

namespace rr::pool {

// Knows server.*, the kinds of workers, and what they stand on. Pools are asked for by the main
// thread during a plugin's init(), and later by Reloadable::prepare().
class PoolFactory {
 public:
  struct Wanted {
    std::string plugin;                                    // "http"
    std::vector<std::pair<std::string, std::string>> env;  // added last: RR_MODE=http
    std::string name{};  // which of the plugin's pools, for people; empty: it has one
    std::string key{};   // its section of the configuration, for errors: "http.pools.admin"
    // Exchanges that a worker has for longer are logged, with their stack where they can tell it;
    // zero: none.
    Duration slow_exchange{};
  };
  // The pool is not started. Throws ConfigError.
  virtual std::unique_ptr<Pool> make_pool(const Wanted& wanted, const PoolConfig& config) = 0;
  // Sees off pools of one configuration that others have replaced, or that have not come up: they
  // end behind what they have in hand, after `grace` at the latest. Does not wait.
  virtual void retire(std::vector<std::shared_ptr<Pool>> pools, Duration grace) = 0;

 protected:
  ~PoolFactory() = default;
};

}  // namespace rr::pool
