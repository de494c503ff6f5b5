// Ends what worker processes leave behind, also when the server is killed with SIGKILL.
#pragma once

#include <sys/types.h>

#include <vector>

#include "rr/result.h"
#include "runtime/pool/process/descriptor.h"

namespace rr::pool {

// A tiny process in a session of its own reads numbers of process groups from a pipe of which only
// the server has the other end. When that closes, however the server ended, it kills the groups
// that are still on its list, and goes. (PR_SET_PDEATHSIG alone follows the thread that forked, is
// lost at setuid, and does not reach what a worker has started.)
//
// left() is for one thread at a time.
class Reaper {
 public:
  // Forks; main thread, before the server drops privileges. SIGPIPE is ignored in this process from
  // then on.
  static Result<Reaper> start();

  // Where a child writes its pid_t once it leads a group, before it executes its program.
  int descriptor() const { return pipe_.get(); }
  // The leader of a group has been reaped. Its group stays on the list as long as somebody is in
  // it.
  void left(pid_t group);

 private:
  explicit Reaper(Descriptor pipe) : pipe_(std::move(pipe)) {}
  bool forget_if_empty(pid_t group);

  Descriptor pipe_;
  std::vector<pid_t> leaderless_;  // groups that have outlived their leader
};

}  // namespace rr::pool
