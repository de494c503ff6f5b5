// SIGUSR2: this process goes on with a new program, its PID and its listening sockets stay
// (spec 05 §3.4).
#pragma once

#include "rr/result.h"
#include "runtime/core/program.h"

namespace rr::app {

// Whether the program can be started as it was, by the user that this process is by now: runs it
// with `--probe` behind its arguments, so that a file that is missing or unreadable (libphp and the
// configuration too) and a mistake in the configuration are found out while there is still a
// server. A program that knows no --probe must know `-v`. Main thread; some ten milliseconds, at
// most ten seconds each.
Result<void> can_restart(const Program& program);

// Executes the program anew in its first working directory. The sockets of KeptSockets stay open
// and are named in its environment; every other descriptor from 3 up closes. Blocked signals stay
// blocked and pending for it. Returns only when it cannot be executed. Main thread, when all that
// the server did is over.
Error exec_again(const Program& program);

// This process was a server before. Asked before KeptSockets adopts.
bool is_restarted();

}  // namespace rr::app
