// `http.rate_limiter` (spec 02 §4.8).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "rr/config.h"
#include "rr/duration.h"

namespace rr::http::rate_limiter {

using namespace std::chrono_literals;

// Who shares a limit.
enum class Key : std::uint8_t { ip, global, header };

constexpr auto config_names(Key) {
  return std::array{std::pair<std::string_view, Key>{"ip", Key::ip},
                    std::pair<std::string_view, Key>{"global", Key::global},
                    std::pair<std::string_view, Key>{"header", Key::header}};
}

struct RateLimiterConfig {
  Key key = Key::ip;
  std::string header;
  std::int64_t rate = 0;
  Duration interval = 1s;
  std::int64_t burst = 1;
  std::int64_t max_entries = 10'000;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("key", &RateLimiterConfig::key,
              "who shares a limit: clients of one address, all, those with one value of a field"),
        field("header", &RateLimiterConfig::header, "with `key: header`: the field"),
        field("rate", &RateLimiterConfig::rate, "requests in an interval; required"),
        field("interval", &RateLimiterConfig::interval),
        field("burst", &RateLimiterConfig::burst, "requests at once"),
        field("max_entries", &RateLimiterConfig::max_entries, "limits that are kept"),
    };
  }
  void check(config::Errors& errors) const {
    errors.require(rate > 0, "rate", "rate should be greater than 0");
    errors.require(interval > Duration::zero(), "interval", "interval should be greater than 0");
    errors.require(burst > 0, "burst", "burst should be greater than 0");
    errors.require(max_entries > 0, "max_entries", "max_entries should be greater than 0");
    errors.require((key == Key::header) == !header.empty(), "header",
                   "header should be set with `key: header`, and only then");
  }
};

}  // namespace rr::http::rate_limiter
