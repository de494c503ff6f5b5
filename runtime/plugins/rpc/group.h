// `rpc.group` as a number.
#pragma once

#include <sys/types.h>

#include <string>

#include "rr/result.h"

namespace rr::rpc {

// By name, or the number itself. Reads the system's database; blocks.
Result<gid_t> find_group(const std::string& name);

}  // namespace rr::rpc
