// The section `fileserver` (spec 02 §4.11).
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "rr/config.h"

namespace rr::fileserver {

struct ServeConfig {
  std::string prefix;
  std::string root = ".";
  bool compress = false;
  std::int64_t cache_duration = 10;
  std::uint32_t max_age = 0;
  bool bytes_range = false;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("prefix", &ServeConfig::prefix, "of paths, begins with a slash; required"),
        field("root", &ServeConfig::root, "the folder"),
        field("compress", &ServeConfig::compress,
              "with gzip, br or zstd, for clients that take it"),
        field("cache_duration", &ServeConfig::cache_duration,
              "seconds an open file is kept; below 0: not at all"),
        field("max_age", &ServeConfig::max_age, "seconds clients may keep a file; 0: not said"),
        field("bytes_range", &ServeConfig::bytes_range, "parts of files"),
    };
  }
  void settle() {
    if (cache_duration == 0) cache_duration = ServeConfig{}.cache_duration;
    if (root.empty()) root = ".";
  }
  void check(config::Errors& errors) const {
    if (errors.require(!prefix.empty(), "prefix", "empty prefix"))
      errors.require(prefix.starts_with('/'), "prefix", "prefix must begin with a forward slash");
  }
};

struct FileServerConfig {
  std::string address;
  bool calculate_etag = false;
  bool weak = false;
  std::vector<ServeConfig> serve;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("address", &FileServerConfig::address, "where to listen; required"),
        field("calculate_etag", &FileServerConfig::calculate_etag, "send an ETag"),
        field("weak", &FileServerConfig::weak, "say that it is a weak one"),
        field("serve", &FileServerConfig::serve, "what is served, in the order it is looked for"),
    };
  }
  void check(config::Errors& errors) const {
    errors.require(!address.empty(), "address", "empty address");
    errors.require(!serve.empty(), "serve", "no configuration to serve");
  }
};

}  // namespace rr::fileserver
