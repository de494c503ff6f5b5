// `http.cache`: RoadRunner's keys and those of Souin that it points to (spec 02 §4.9).
#pragma once

#include <string>
#include <tuple>
#include <vector>

#include "rr/config.h"
#include "rr/duration.h"

namespace rr::http::cache {

struct RegexConfig {
  std::string exclude;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{field("exclude", &RegexConfig::exclude, "targets (RE2) that are not cached")};
  }
  void check(config::Errors& errors) const;
};

struct DefaultCacheConfig {
  Duration ttl{0};
  std::vector<std::string> allowed_http_verbs;
  std::vector<std::string> headers;
  RegexConfig regex;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("ttl", &DefaultCacheConfig::ttl,
              "how long an answer is fresh that does not say so itself; 0: it is not stored"),
        field("allowed_http_verbs", &DefaultCacheConfig::allowed_http_verbs,
              "the same as cache_methods"),
        field("headers", &DefaultCacheConfig::headers,
              "fields of requests that are a part of the key, as if every answer said Vary"),
        field("regex", &DefaultCacheConfig::regex),
    };
  }
};

struct CacheConfig {
  std::string driver = "memory";
  std::vector<std::string> cache_methods = {"GET"};
  DefaultCacheConfig default_cache;
  config::Megabytes max_size{64};

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("driver", &CacheConfig::driver, "where answers are kept: memory"),
        field("cache_methods", &CacheConfig::cache_methods,
              "GET: store answers; a HEAD is answered from them with it"),
        field("default_cache", &CacheConfig::default_cache),
        field("max_size", &CacheConfig::max_size,
              "of all that is kept; the longest unused goes first"),
    };
  }
  void settle() {
    if (!default_cache.allowed_http_verbs.empty()) cache_methods = default_cache.allowed_http_verbs;
    if (max_size.count == 0) max_size.count = CacheConfig{}.max_size.count;
  }
  void check(config::Errors& errors) const {
    errors.require(driver == "memory", "driver",
                   "only the driver memory exists, got \"" + driver + "\"");
    for (const std::string& method : cache_methods)
      errors.require(method == "GET" || method == "HEAD", "cache_methods",
                     "only answers to GET and HEAD can be cached, got \"" + method + "\"");
  }
};

}  // namespace rr::http::cache
