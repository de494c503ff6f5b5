// The users that workers and server.on_init run as.
#pragma once

#include <optional>
#include <string>

#include "rr/result.h"
#include "runtime/app/server_config.h"
#include "runtime/pool/process/launcher.h"

namespace rr::app {

// The user of that name; none when the name is empty. Errors: there is none, or this process may
// not start anything as somebody else.
Result<std::optional<pool::RunAs>> user_of(const std::string& name);

// With workers on threads the whole server becomes server.user, for good: the error of an on_init
// that needs another one. It would run at the first start and fail at every restart.
Result<void> one_user(const ServerConfig& server);

}  // namespace rr::app
