// Running a program to its end: on_init, the look whether a restart is possible.
#pragma once

#include <functional>
#include <string_view>

#include "rr/exchange.h"
#include "rr/result.h"
#include "runtime/pool/process/launcher.h"

namespace rr::pool {

class Reaper;

// Starts what the plan says, with Streams::output, gives every line it writes to `on_line`, and
// returns once it has exited. Past the deadline its process group is killed. `reaper` (null: none)
// ends what it leaves behind. Errors: it cannot be executed, "exit status 3", "signal: 11",
// `too_late`. Main thread (see launch()).
Result<void> run_program(LaunchPlan plan, Reaper* reaper, TimePoint deadline,
                         std::string_view too_late,
                         const std::function<void(std::string_view)>& on_line);

}  // namespace rr::pool
