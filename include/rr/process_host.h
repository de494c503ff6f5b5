// A plugin with processes that are no PHP workers (`service`): listed by informer, reset by
// resetter. One with PHP workers is a WorkerHost.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rr/pool.h"
#include "rr/result.h"

namespace rr {

// Thread-safe.
class ProcessHost {
 public:
  struct Process {
    WorkerInfo info;
    std::string command;
  };

  virtual std::string_view host_name() const = 0;
  // Those that run.
  virtual std::vector<Process> processes() const = 0;
  // Starts all of them anew. Blocks; not to be called on a data-plane or control thread.
  virtual Result<void> reset() = 0;

 protected:
  ~ProcessHost() = default;
};

}  // namespace rr
