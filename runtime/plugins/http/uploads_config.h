// `http.uploads` (spec 02 §1.2).
#pragma once

#include <string>
#include <tuple>
#include <vector>

#include "rr/config.h"

namespace rr::http {

struct UploadsConfig {
  std::string dir;  // empty: $TMPDIR, else /tmp
  std::vector<std::string> forbid;
  std::vector<std::string> allow;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("dir", &UploadsConfig::dir,
              "where uploaded files are kept; default: $TMPDIR, else /tmp"),
        field("forbid", &UploadsConfig::forbid,
              "extensions with their dot that are refused; \"\": files without one"),
        field("allow", &UploadsConfig::allow,
              "extensions that are accepted; empty: all that are not forbidden"),
    };
  }
};

}  // namespace rr::http
