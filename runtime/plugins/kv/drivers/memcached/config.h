// `config` of a storage with the driver `memcached` (spec 04 §1.1).
#pragma once

#include <string>
#include <tuple>
#include <vector>

#include "rr/config.h"

namespace rr::keyvalue::memcached {

struct MemcachedConfig {
  std::vector<std::string> addr{"127.0.0.1:11211"};

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("addr", &MemcachedConfig::addr, "host:port, or the path of a unix socket"),
    };
  }
  void check(config::Errors& errors) const {
    errors.require(!addr.empty(), "addr", "names no server");
    for (const std::string& each : addr) {
      const bool good = each.find('/') != std::string::npos || each.find(':') != std::string::npos;
      errors.require(good, "addr", "expected host:port or a path, got \"" + each + "\"");
    }
  }
};

}  // namespace rr::keyvalue::memcached
