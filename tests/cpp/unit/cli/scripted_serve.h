// A server that only looks at its options.
#pragma once

#include <optional>

#include "runtime/app/serve.h"

namespace rr::cli {

// What the last serve() got.
extern std::optional<app::ServeOptions> served;

}  // namespace rr::cli
