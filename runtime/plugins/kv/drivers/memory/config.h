// `config` of a storage with the driver `memory`.
#pragma once

#include <tuple>

#include "rr/config.h"

namespace rr::keyvalue::memory {

struct MemoryConfig {
  config::Megabytes max_size;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field(
            "max_size", &MemoryConfig::max_size,
            "what keys and values may take; what was not used for longest goes first. 0: no limit"),
    };
  }
};

}  // namespace rr::keyvalue::memory
