// `server.on_init`: a command that runs to its end before the first worker starts (spec 01 §3.2).
#pragma once

#include "rr/log.h"
#include "rr/result.h"
#include "runtime/app/server_config.h"
#include "runtime/pool/process/reaper.h"

namespace rr::app {

// Blocks up to exec_timeout. Its output becomes records of `log`, line
// by line. Errors: it cannot be started (a user that does not exist, too), ends with a status, or
// is killed by the timeout; they are logged too. The calling thread must live on until it returns.
Result<void> run_on_init(const OnInitConfig& config, pool::Reaper& reaper, const Logger& log);

}  // namespace rr::app
