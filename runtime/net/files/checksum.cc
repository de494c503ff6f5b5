#include "runtime/net/files/checksum.h"

#include <cstring>

namespace rr::net::files {

void Crc32::add(std::string_view bytes) {
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  const unsigned char* const end = at + bytes.size();
  std::uint32_t state = state_;
  for (; end - at >= 8; at += 8) {
    state ^= static_cast<std::uint32_t>(at[0]) | static_cast<std::uint32_t>(at[1]) << 8 |
             static_cast<std::uint32_t>(at[2]) << 16 | static_cast<std::uint32_t>(at[3]) << 24;
    state = tables_[7][state & 0xff] ^ tables_[6][state >> 8 & 0xff] ^
            tables_[5][state >> 16 & 0xff] ^ tables_[4][state >> 24] ^ tables_[3][at[4]] ^
            tables_[2][at[5]] ^ tables_[1][at[6]] ^ tables_[0][at[7]];
  }
  for (; at != end; ++at) state = state >> 8 ^ tables_[0][(state ^ *at) & 0xff];
  state_ = state;
}

}  // namespace rr::net::files
