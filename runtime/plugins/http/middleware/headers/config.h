// `http.headers` (spec 02 §1.6).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "rr/config.h"

namespace rr::http::headers {

struct CorsConfig {
  std::string allowed_origin;
  std::string allowed_origin_regex;
  std::string allowed_methods = "GET,POST,HEAD";
  std::string allowed_headers = "accept,content-type,x-requested-with";
  std::string exposed_headers;
  bool allow_credentials = false;
  std::uint32_t max_age = 0;
  std::uint32_t options_success_status = 200;
  bool debug = false;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("allowed_origin", &CorsConfig::allowed_origin,
              "comma list, one * in each at most; empty: all"),
        field("allowed_origin_regex", &CorsConfig::allowed_origin_regex,
              "expression (RE2) an origin must match; then allowed_origin does not count"),
        field("allowed_methods", &CorsConfig::allowed_methods, "comma list"),
        field("allowed_headers", &CorsConfig::allowed_headers, "comma list; *: any"),
        field("exposed_headers", &CorsConfig::exposed_headers, "comma list"),
        field("allow_credentials", &CorsConfig::allow_credentials,
              "cookies and the like may be sent"),
        field("max_age", &CorsConfig::max_age, "seconds a preflight may be kept; 0: not said"),
        field("options_success_status", &CorsConfig::options_success_status,
              "status of preflights"),
        field("debug", &CorsConfig::debug, "print decisions to standard output"),
    };
  }
  void settle() {
    if (allowed_methods.empty()) allowed_methods = CorsConfig{}.allowed_methods;
    if (allowed_headers.empty()) allowed_headers = CorsConfig{}.allowed_headers;
    if (options_success_status == 0) options_success_status = 200;
  }
  void check(config::Errors& errors) const;
};

struct HeadersConfig {
  std::map<std::string, std::string> request;
  std::map<std::string, std::string> response;
  std::optional<CorsConfig> cors;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("request", &HeadersConfig::request, "fields added to every request"),
        field("response", &HeadersConfig::response, "fields of every answer"),
        field("cors", &HeadersConfig::cors, "cross-origin requests; present: on"),
    };
  }
};

}  // namespace rr::http::headers
