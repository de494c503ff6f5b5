// Makes the pools of plugins.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rr/pool.h"
#include "runtime/pool/config.h"

namespace rr::pool {

// Knows server.*, the kinds of workers, and what they stand on. Main thread; every pool is asked
// for during a plugin's init().
class PoolFactory {
 public:
  struct Wanted {
    std::string plugin;                                    // "http"
    std::vector<std::pair<std::string, std::string>> env;  // added last: RR_MODE=http
    bool polls = false;  // its idle interpreters poll the reactor: true for one pool of the process
  };
  // The pool is not started. Throws ConfigError.
  virtual std::unique_ptr<Pool> make_pool(const Wanted& wanted, const PoolConfig& config) = 0;

 protected:
  ~PoolFactory() = default;
};

}  // namespace rr::pool
