// What `check` finds beyond unknown keys.
#pragma once

#include <vector>

#include "rr/config.h"
#include "runtime/core/config/config.h"

namespace rr::app {

// What would end the start of a server with this configuration: values that do not fit, a user that
// does not exist, a script that cannot be run on threads. Starts nothing and opens no socket. A
// section that would be left out for want of another becomes a warning of `config`.
std::vector<config::Problem> check(config::Config& config);

}  // namespace rr::app
