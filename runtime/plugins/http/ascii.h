// Byte classes of HTTP and MIME text. Pure functions; locale never matters.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace rr::http::ascii {

inline constexpr std::array<char, 256> kLower = [] {
  std::array<char, 256> table{};
  for (int c = 0; c < 256; ++c) {
    table[c] = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  }
  return table;
}();

inline constexpr std::array<char, 256> kUpper = [] {
  std::array<char, 256> table{};
  for (int c = 0; c < 256; ++c) {
    table[c] = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  }
  return table;
}();

// Bytes of a field name (RFC 9110 tchar).
inline constexpr std::array<bool, 256> kToken = [] {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[c] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[c] = table[c - 32] = true;
  for (char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

// Value of a hexadecimal digit, -1 for anything else.
inline constexpr std::array<signed char, 256> kHex = [] {
  std::array<signed char, 256> table{};
  for (int c = 0; c < 256; ++c) table[c] = -1;
  for (int c = 0; c < 10; ++c) table['0' + c] = static_cast<signed char>(c);
  for (int c = 0; c < 6; ++c) table['a' + c] = table['A' + c] = static_cast<signed char>(10 + c);
  return table;
}();

inline constexpr char kUpperHex[] = "0123456789ABCDEF";
inline constexpr char kLowerHex[] = "0123456789abcdef";

inline unsigned char byte(char c) {
  return static_cast<unsigned char>(c);
}
inline char lower(char c) {
  return kLower[byte(c)];
}
inline char upper(char c) {
  return kUpper[byte(c)];
}
inline bool token(char c) {
  return kToken[byte(c)];
}
inline int hex(char c) {
  return kHex[byte(c)];
}

inline bool is_token(std::string_view text) {
  for (char c : text) {
    if (!token(c)) return false;
  }
  return !text.empty();
}

inline bool iequals(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

// Whether `text` has `lower_needle` (lower case already) in it, whatever its own case.
inline bool icontains(std::string_view text, std::string_view lower_needle) {
  for (std::size_t i = 0; i + lower_needle.size() <= text.size(); ++i) {
    std::size_t k = 0;
    while (k < lower_needle.size() && lower(text[i + k]) == lower_needle[k]) ++k;
    if (k == lower_needle.size()) return true;
  }
  return false;
}

// Without spaces and tabs at both ends.
inline std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace rr::http::ascii
