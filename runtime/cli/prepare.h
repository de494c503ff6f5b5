// What happens before any command: working directory, path of the configuration, dotenv.
#pragma once

#include "runtime/cli/command.h"

namespace rr::cli {

// Steps 2 to 4 of spec 05 §1.1. Makes globals.config and globals.work_dir absolute;
// globals.dotenv is the file that was read. Throws ConfigError.
void prepare(Globals& globals);

}  // namespace rr::cli
