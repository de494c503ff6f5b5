// `http.static` (spec 02 §1.6).
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "rr/config.h"

namespace rr::http::static_files {

struct StaticConfig {
  std::string dir;
  std::vector<std::string> forbid;
  std::vector<std::string> allow;
  bool calculate_etag = false;
  bool weak = false;
  std::map<std::string, std::string> request;
  std::map<std::string, std::string> response;
  bool follow_links = true;
  bool deny_dotfiles = false;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("dir", &StaticConfig::dir, "the folder; required"),
        field("forbid", &StaticConfig::forbid, "extensions with their dot that are left to PHP"),
        field("allow", &StaticConfig::allow,
              "extensions that are served; empty: all that are not forbidden"),
        field("calculate_etag", &StaticConfig::calculate_etag, "send an ETag"),
        field("weak", &StaticConfig::weak,
              "a weak ETag, of the file's name instead of its content"),
        field("request", &StaticConfig::request, "fields added to requests for a file"),
        field("response", &StaticConfig::response, "fields of answers with a file"),
        field("follow_links", &StaticConfig::follow_links,
              "symbolic links may lead out of the folder, as in RoadRunner"),
        field("deny_dotfiles", &StaticConfig::deny_dotfiles,
              "paths with a part that begins with a dot are left to PHP"),
    };
  }
  void check(config::Errors& errors) const;  // the folder exists
};

}  // namespace rr::http::static_files
