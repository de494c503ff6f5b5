// `php -l`: whether PHP can compile files.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/pool/process/launcher.h"
#include "runtime/pool/process/reaper.h"

namespace rr::app {

// For each file PHP's error with file and line; empty: it compiles, or PHP did not say within its
// time. `command` is that of a worker, of which the program and its settings count; nullopt: it
// does not begin with PHP. Blocks; the calling thread must live on meanwhile.
std::optional<std::vector<std::string>> lint(const std::vector<std::string>& command,
                                             const std::optional<pool::RunAs>& run_as,
                                             pool::Reaper& reaper,
                                             const std::vector<std::string>& files);

}  // namespace rr::app
