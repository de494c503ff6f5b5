// `http.gzip`: a section of rr-embed's own.
#pragma once

#include <tuple>
#include <vector>

#include "rr/config.h"
#include "runtime/net/compress/encoding.h"

namespace rr::http::gzip {

using net::compress::Encoding;

struct GzipConfig {
  std::vector<Encoding> encodings = {Encoding::gzip};

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("encodings", &GzipConfig::encodings,
              "gzip, br, zstd: what answers may be compressed with, the preferred one first; "
              "default: gzip"),
    };
  }
  void check(config::Errors& errors) const {
    errors.require(!encodings.empty(), "encodings", "at least one encoding should be listed");
  }
};

}  // namespace rr::http::gzip
