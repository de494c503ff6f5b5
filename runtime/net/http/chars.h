// Character classes of HTTP and the scans over them: what parser and writer share.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace rr::net::http::chars {

enum Class : std::uint8_t {
  kToken = 1,     // RFC 9110 §5.6.2: names and methods
  kHost = 2,      // of a Host field: unreserved, sub-delims, ":", "[", "]", "%"
  kUserInfo = 4,  // before the "@" of an authority
  kHex = 8,
  kDigit = 16,
  kAlpha = 32,
};

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> classes{};
  auto mark = [&classes](std::string_view bytes, std::uint8_t bits) {
    for (char byte : bytes) classes[static_cast<unsigned char>(byte)] |= bits;
  };
  mark("0123456789", kToken | kHost | kUserInfo | kHex | kDigit);
  mark("abcdefABCDEF", kHex);
  mark("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", kToken | kHost | kUserInfo | kAlpha);
  mark("!#$%&'*+-.^_`|~", kToken);
  mark("!$%&'()*+,-.:;=[]_~", kHost);
  mark("!$%&'()*+,-.:;=_~@", kUserInfo);
  return classes;
}
inline constexpr std::array<std::uint8_t, 256> kClasses = make_classes();

constexpr bool is(char byte, std::uint8_t bits) {
  return (kClasses[static_cast<unsigned char>(byte)] & bits) != 0;
}
constexpr bool all(std::string_view bytes, std::uint8_t bits) {
  for (char byte : bytes) {
    if (!is(byte, bits)) return false;
  }
  return true;
}

// Bytes that may not stand in a field value: C0 controls except TAB, and DEL.
constexpr bool is_control(char byte) {
  auto value = static_cast<unsigned char>(byte);
  return (value < 0x20 && value != '\t') || value == 0x7f;
}

// The first control byte in [at, end), else end.
inline const char* find_control(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i last_control = _mm_set1_epi8(0x1f);
  const __m128i tab = _mm_set1_epi8('\t');
  const __m128i del = _mm_set1_epi8(0x7f);
  while (end - at >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes);
    const __m128i bad =
        _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(bytes, tab), low), _mm_cmpeq_epi8(bytes, del));
    if (const int mask = _mm_movemask_epi8(bad); mask != 0) return at + __builtin_ctz(mask);
    at += 16;
  }
#endif
  while (at != end && !is_control(*at)) ++at;
  return at;
}

// The first byte in [at, end) that no request target may contain (space, control), else end.
inline const char* find_target_end(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i space = _mm_set1_epi8(0x20);
  const __m128i del = _mm_set1_epi8(0x7f);
  while (end - at >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i stop =
        _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(bytes, space), bytes), _mm_cmpeq_epi8(bytes, del));
    if (const int mask = _mm_movemask_epi8(stop); mask != 0) return at + __builtin_ctz(mask);
    at += 16;
  }
#endif
  while (at != end && static_cast<unsigned char>(*at) > 0x20 && *at != 0x7f) ++at;
  return at;
}

// `lower` is a lower-case literal of letters and "-".
constexpr bool same_name(std::string_view name, std::string_view lower) {
  if (name.size() != lower.size()) return false;
  for (std::size_t i = 0; i < lower.size(); ++i) {
    if ((name[i] | 0x20) != lower[i] || (lower[i] == '-' && name[i] != '-')) return false;
  }
  return true;
}

// White space around a field value (RFC 9110 §5.5).
constexpr bool is_blank(char byte) {
  return byte == ' ' || byte == '\t';
}
// The same of what a worker gave: its control bytes are sent as spaces.
constexpr bool is_sent_blank(char byte) {
  return is_blank(byte) || is_control(byte);
}

template <bool (*kBlank)(char) = is_blank>
constexpr std::string_view trim(std::string_view text) {
  while (!text.empty() && kBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && kBlank(text.back())) text.remove_suffix(1);
  return text;
}

// Takes the next member of a comma list (trimmed, may be empty) off the front of `list`.
template <bool (*kBlank)(char) = is_blank>
constexpr std::string_view next_member(std::string_view& list) {
  const std::size_t comma = list.find(',');
  const std::string_view member = trim<kBlank>(list.substr(0, comma));
  list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  return member;
}

// 1*DIGIT up to 2^63-1, else -1. Leading zeros are allowed.
constexpr std::int64_t parse_length(std::string_view digits) {
  if (digits.empty()) return -1;
  std::uint64_t value = 0;
  for (char digit : digits) {
    if (digit < '0' || digit > '9') return -1;
    if (value > (INT64_MAX - static_cast<std::uint64_t>(digit - '0')) / 10) return -1;
    value = value * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  return static_cast<std::int64_t>(value);
}

}  // namespace rr::net::http::chars
