// The section `circuitbreaker` (spec 02 §4.8).
#pragma once

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <vector>

#include "rr/config.h"
#include "rr/duration.h"

namespace rr::http::circuitbreaker {

using namespace std::chrono_literals;

struct CircuitBreakerConfig {
  double max_error_rate = 0;
  std::vector<std::int64_t> error_codes;
  Duration time_window = 1min;
  Duration time_to_halfopen = 5s;
  Duration time_to_closed = 10s;
  std::uint32_t code_when_open = 503;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("max_error_rate", &CircuitBreakerConfig::max_error_rate,
              "share of errors, above 0 up to 1, that opens the circuit; required"),
        field("error_codes", &CircuitBreakerConfig::error_codes,
              "statuses that are errors; required"),
        field("time_window", &CircuitBreakerConfig::time_window, "counting begins anew after it"),
        field("time_to_halfopen", &CircuitBreakerConfig::time_to_halfopen,
              "how long requests are turned away before some are tried"),
        field("time_to_closed", &CircuitBreakerConfig::time_to_closed,
              "how long those must go well"),
        field("code_when_open", &CircuitBreakerConfig::code_when_open,
              "status of requests that are turned away"),
    };
  }
  void check(config::Errors& errors) const {
    errors.require(max_error_rate > 0 && max_error_rate <= 1, "max_error_rate",
                   "max_error_rate should be greater than 0 and not greater than 1");
    errors.require(!error_codes.empty(), "error_codes", "error_codes should not be empty");
    errors.require(time_window > Duration::zero(), "time_window",
                   "time_window should be greater than 0");
    errors.require(code_when_open >= 200 && code_when_open <= 599, "code_when_open",
                   "code_when_open should be between 200 and 599");
  }
};

}  // namespace rr::http::circuitbreaker
