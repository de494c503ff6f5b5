// The section `status` (spec 04 §6.1).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <tuple>

#include "rr/config.h"

namespace rr::status {

struct StatusConfig {
  std::string address;
  std::int64_t unavailable_status_code = 503;
  std::chrono::seconds check_timeout{60};

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("address", &StatusConfig::address, "where to listen: host:port; required"),
        field("unavailable_status_code", &StatusConfig::unavailable_status_code,
              "status of answers that say no; 0: 503"),
        field("check_timeout", &StatusConfig::check_timeout,
              "what a client may take to send its request: seconds, or 30s; 0: 60"),
    };
  }
  void settle() {
    if (unavailable_status_code == 0)
      unavailable_status_code = StatusConfig{}.unavailable_status_code;
    if (check_timeout.count() <= 0) check_timeout = StatusConfig{}.check_timeout;
  }
  void check(config::Errors& errors) const {
    errors.require(!address.empty(), "address", "empty address");
    errors.require(unavailable_status_code >= 200 && unavailable_status_code <= 599,
                   "unavailable_status_code", "should be a status code between 200 and 599");
  }
};

}  // namespace rr::status
