// `-p`: the file .pid in the working directory (spec 05 §3.5).
#pragma once

#include <sys/types.h>

#include <atomic>

#include "rr/log.h"

namespace rr::app {

// The PID without a newline, in the file from write() until remove() or the end of the object,
// unless another server has written it meanwhile. Opened at once, while the process may still do
// what server.user may not. Main thread, but for remove().
class PidFile final {
 public:
  enum class Wanted : bool { no, yes };
  // Throws ConfigError "open .pid: permission denied". After a restart of this process (SIGUSR2)
  // as a user who may not write the file it already holds the right number: a warning.
  PidFile(Wanted wanted, Logger log);
  ~PidFile();  // remove()
  PidFile(const PidFile&) = delete;
  PidFile& operator=(const PidFile&) = delete;

  // Once the server is up: one that does not come up leaves the file to the one that runs. Says so
  // when another server is named in it, but for the `predecessor` of this one.
  void write(pid_t predecessor = 0);
  // Any thread, also after write() failed. A file that cannot be removed is emptied.
  void remove();

 private:
  const Logger log_;
  int file_ = -1;
  std::atomic<bool> ours_{false};  // created or written by this object
};

}  // namespace rr::app
