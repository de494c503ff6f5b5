// UTF-8 as Go reads it: a byte that begins no valid sequence stands for itself and is invalid.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace rr::utf8 {

inline constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// Length of the valid sequence at the beginning of `text` (not empty), 0 when there is none.
inline std::size_t sequence(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto tail = [&](std::size_t i) { return i < text.size() && (at(i) & 0xC0) == 0x80; };
  const unsigned char a = at(0);
  if (a < 0x80) return 1;
  if (a < 0xC2) return 0;
  if (a < 0xE0) return tail(1) ? 2 : 0;
  if (a < 0xF0) {
    if (!tail(1) || !tail(2)) return 0;
    if (a == 0xE0 && at(1) < 0xA0) return 0;   // overlong
    if (a == 0xED && at(1) >= 0xA0) return 0;  // surrogate
    return 3;
  }
  if (a < 0xF5) {
    if (!tail(1) || !tail(2) || !tail(3)) return 0;
    if (a == 0xF0 && at(1) < 0x90) return 0;
    if (a == 0xF4 && at(1) >= 0x90) return 0;
    return 4;
  }
  return 0;
}

inline bool valid(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = sequence(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

// Writes a code point (not a surrogate, at most U+10FFFF) to `out`, which has room for 4 bytes.
// Returns where it ends.
inline char* encode(std::uint32_t rune, char* out) {
  if (rune < 0x80) {
    *out++ = static_cast<char>(rune);
  } else if (rune < 0x800) {
    *out++ = static_cast<char>(0xC0 | rune >> 6);
    *out++ = static_cast<char>(0x80 | (rune & 0x3F));
  } else if (rune < 0x10000) {
    *out++ = static_cast<char>(0xE0 | rune >> 12);
    *out++ = static_cast<char>(0x80 | (rune >> 6 & 0x3F));
    *out++ = static_cast<char>(0x80 | (rune & 0x3F));
  } else {
    *out++ = static_cast<char>(0xF0 | rune >> 18);
    *out++ = static_cast<char>(0x80 | (rune >> 12 & 0x3F));
    *out++ = static_cast<char>(0x80 | (rune >> 6 & 0x3F));
    *out++ = static_cast<char>(0x80 | (rune & 0x3F));
  }
  return out;
}

}  // namespace rr::utf8
