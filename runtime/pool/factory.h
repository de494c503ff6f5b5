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
    bool polls = false;  // its idle interpreters poll the reactor: true for one pool of the process
  };
  // The pool is not started. Throws ConfigError.
  virtual std::unique_ptr<Pool> make_pool(const Wanted& wanted, const PoolConfig& config) = 0;
  // Sees off a pool that another one has replaced, or that has not come up: it ends behind what it
  // has in hand, after `grace` at the latest. Does not wait.
  virtual void retire(std::shared_ptr<Pool> pool, Duration grace) = 0;

 protected:
  ~PoolFactory() = default;
};

}  // namespace rr::pool
