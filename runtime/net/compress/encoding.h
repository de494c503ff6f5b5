// The encodings that answers can be compressed with.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

namespace rr::net::compress {

enum class Encoding : std::uint8_t { gzip, br, zstd };

// Their names in configurations and in Content-Encoding.
constexpr auto config_names(Encoding) {
  return std::array{std::pair<std::string_view, Encoding>{"gzip", Encoding::gzip},
                    std::pair<std::string_view, Encoding>{"br", Encoding::br},
                    std::pair<std::string_view, Encoding>{"zstd", Encoding::zstd}};
}

}  // namespace rr::net::compress
