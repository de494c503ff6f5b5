// The section `status` (spec 04 §6.1).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

#include "rr/config.h"

namespace rr::status {

struct DashboardConfig {
  static constexpr std::size_t kLeastToken = 16;

  std::string path = "/dashboard";
  std::string token;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("path", &DashboardConfig::path, "where the page is, below the address of `status`"),
        field("token", &DashboardConfig::token,
              "whoever knows it may see the page, as the password; none: who connects from this "
              "machine"),
    };
  }
  void check(config::Errors& errors) const {
    const bool plain = path.size() > 1 && path.starts_with('/') && !path.ends_with('/') &&
                       path.find_first_not_of(
                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/") ==
                           std::string::npos;
    errors.require(plain, "path",
                   "should be a path such as /dashboard, of letters, digits and -._~/");
    const bool taken = path == "/health" || path == "/ready" || path == "/jobs";
    errors.require(!taken, "path", "the address answers something else there: " + path);
    errors.require(token.empty() || token.size() >= kLeastToken, "token",
                   "should have 16 characters or more: it can be tried as often as one likes");
  }
};

struct StatusConfig {
  std::string address;
  std::int64_t unavailable_status_code = 503;
  std::chrono::seconds check_timeout{60};
  std::optional<DashboardConfig> dashboard;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("address", &StatusConfig::address, "where to listen: host:port; required"),
        field("unavailable_status_code", &StatusConfig::unavailable_status_code,
              "status of answers that say no; 0: 503"),
        field("check_timeout", &StatusConfig::check_timeout,
              "what a client may take to send its request: seconds, or 30s; 0: 60"),
        field(
            "dashboard", &StatusConfig::dashboard,
            "a page that shows pools, workers and what they run; off unless the section is there"),
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
