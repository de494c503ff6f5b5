// `http.gzip`: a section of rr-embed's own.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "rr/config.h"

namespace rr::http::gzip {

enum class Encoding : std::uint8_t { gzip, br, zstd };

constexpr auto config_names(Encoding) {
  return std::array{std::pair<std::string_view, Encoding>{"gzip", Encoding::gzip},
                    std::pair<std::string_view, Encoding>{"br", Encoding::br},
                    std::pair<std::string_view, Encoding>{"zstd", Encoding::zstd}};
}

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
