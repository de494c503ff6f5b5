// `server.watch`: new workers when code has changed and compiles.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "rr/log.h"
#include "runtime/app/pools.h"
#include "runtime/app/reload.h"
#include "runtime/app/server_config.h"
#include "runtime/core/tree_watch.h"

namespace rr::app {

// watch() and stop() by one thread at a time.
class CodeWatch {
 public:
  // Both outlive this.
  CodeWatch(Pools& pools, Reloader& reloader, Logger log)
      : pools_(pools), reloader_(reloader), log_(log) {}
  ~CodeWatch() { stop(); }

  // Watches by that from here on; nullopt: nothing. Relative paths start in the working directory.
  void watch(const std::optional<WatchConfig>& config);
  void stop() { tree_.reset(); }

 private:
  void changed(const std::vector<std::string>& files, bool complete);
  bool compile(const std::vector<std::string>& files);

  Pools& pools_;
  Reloader& reloader_;
  const Logger log_;
  std::set<std::string> broken_;  // do not compile; the watching thread
  std::unique_ptr<TreeWatch> tree_;
};

}  // namespace rr::app
