// How the processes of a service are started, worked out from its settings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rr/result.h"
#include "runtime/plugins/service/config.h"
#include "runtime/pool/process/environment.h"
#include "runtime/pool/process/launcher.h"
#include "runtime/pool/process/reaper.h"

namespace rr::service {

// The words of a command line: split on single spaces, as RoadRunner does.
std::vector<std::string> split_command(std::string_view command);

// `server`: the environment of the server, which is the service's, too. `reaper` outlives the plan.
// Errors, in RoadRunner's words: no command, no such program, no such user.
Result<pool::LaunchPlan> make_plan(const ServiceConfig& config, const pool::Variables& server,
                                   const pool::Reaper& reaper);

// As it is shown: the program with its path, and its arguments.
std::string shown_command(const pool::LaunchPlan& plan);

}  // namespace rr::service
