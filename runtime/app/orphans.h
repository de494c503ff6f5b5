// Process 1 of a container inherits every process whose parent has gone; when such a one ends,
// nobody but process 1 can remove it.
#pragma once

#include <sys/types.h>

#include <vector>

#include "runtime/core/task_group.h"

namespace rr::app {

// Waits for children that nobody else waits for, while it exists and only if this is process 1.
// Those that the server has started itself are waited for by who started them, at once: what is
// still there at a second look is nobody's.
class Orphans {
 public:
  // Main thread; `control` outlives it and runs until the destructor has returned.
  explicit Orphans(asio::any_io_executor control);
  ~Orphans();

 private:
  Task<void> watch();
  void look();

  std::vector<pid_t> seen_;  // ended, at the last look
  TaskGroup tasks_;
};

}  // namespace rr::app
