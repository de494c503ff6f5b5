// The checksums that RoadRunner's entity tags are made of (spec 02 §4.3, §4.11).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace rr::net::files {

// Reflected CRC-32 with a polynomial of one's choice (given reversed); start and end are inverted.
class Crc32 {
 public:
  using Tables = std::array<std::array<std::uint32_t, 256>, 8>;
  // Eight bytes a step. Made once per polynomial: 8 KiB.
  static constexpr Tables make_tables(std::uint32_t polynomial) {
    Tables tables{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ ((value & 1) != 0 ? polynomial : 0);
      tables[0][i] = value;
    }
    for (std::uint32_t i = 0; i < 256; ++i) {
      for (std::size_t k = 1; k < 8; ++k)
        tables[k][i] = tables[k - 1][i] >> 8 ^ tables[0][tables[k - 1][i] & 0xff];
    }
    return tables;
  }

  explicit Crc32(const Tables& tables) : tables_(tables) {}
  void add(std::string_view bytes);
  std::uint32_t value() const { return ~state_; }

 private:
  const Tables& tables_;  // static
  std::uint32_t state_ = ~std::uint32_t{0};
};

}  // namespace rr::net::files
