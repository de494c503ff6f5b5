// `sendfile` has nothing to configure.
#pragma once

#include <tuple>

#include "rr/config.h"

namespace rr::http::sendfile {

struct SendfileConfig {
  static constexpr auto fields() { return std::tuple{}; }
};

}  // namespace rr::http::sendfile
