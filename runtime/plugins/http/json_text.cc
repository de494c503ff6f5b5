#include "runtime/plugins/http/json_text.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#include "rr/utf8.h"
#include "runtime/plugins/http/ascii.h"

namespace rr::http {
namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101u;
constexpr std::uint64_t kHighs = 0x8080808080808080u;

constexpr std::uint64_t zero_bytes(std::uint64_t word) {
  return (word - kOnes) & ~word & kHighs;
}

// High bit of each byte that may not be copied as it is. Bits above the lowest set one may be wrong
// (a borrow), the lowest never is.
template <Escape escape>
std::uint64_t special_bytes(std::uint64_t word) {
  std::uint64_t found = word & kHighs;
  found |= (word - kOnes * 0x20) & ~word & kHighs;
  found |= zero_bytes(word ^ kOnes * '"') | zero_bytes(word ^ kOnes * '\\');
  if constexpr (escape == Escape::html) {
    found |= zero_bytes((word | kOnes * 2) ^ kOnes * '>') | zero_bytes(word ^ kOnes * '&');
  }
  return found;
}

template <Escape escape>
bool special(char c) {
  const unsigned char byte = ascii::byte(c);
  if (byte < 0x20 || byte >= 0x80 || c == '"' || c == '\\') return true;
  return escape == Escape::html && (c == '<' || c == '>' || c == '&');
}

char* put_unicode_escape(char* out, unsigned code) {
  std::memcpy(out, "\\u", 2);
  for (int shift = 12; shift >= 0; shift -= 4) {
    out[5 - shift / 4] = ascii::kLowerHex[code >> shift & 15];
  }
  return out + 6;
}

// Writes what stands at the beginning of `text`, which is special, and says how many bytes it took.
template <Escape escape>
char* put_special(char* out, std::string_view text, std::size_t& taken) {
  const char c = text[0];
  taken = 1;
  if (ascii::byte(c) >= 0x80) {
    const std::size_t length = utf8::sequence(text);
    if (length == 0) {
      if (escape == Escape::html) return put_unicode_escape(out, 0xFFFD);
      std::memcpy(out, utf8::kReplacement.data(), 3);
      return out + 3;
    }
    taken = length;
    const std::string_view sequence = text.substr(0, length);
    if (escape == Escape::html && (sequence == "\xE2\x80\xA8" || sequence == "\xE2\x80\xA9")) {
      return put_unicode_escape(out, sequence[2] == '\xA8' ? 0x2028 : 0x2029);
    }
    std::memcpy(out, sequence.data(), length);
    return out + length;
  }
  char letter = 0;
  switch (c) {
    case '"':
    case '\\':
      letter = c;
      break;
    case '\n':
      letter = 'n';
      break;
    case '\r':
      letter = 'r';
      break;
    case '\t':
      letter = 't';
      break;
    case '\b':
      letter = 'b';
      break;
    case '\f':
      letter = 'f';
      break;
    default:
      return put_unicode_escape(out, ascii::byte(c));
  }
  *out++ = '\\';
  *out++ = letter;
  return out;
}

template <Escape escape>
void write(TextWriter& writer, std::string_view text) {
  constexpr std::size_t kBlock = 256;  // input bytes per capacity check
  writer.put('"');
  std::size_t i = 0;
  while (i < text.size()) {
    const std::size_t stop = std::min(text.size(), i + kBlock);
    char* out = writer.room((stop - i) * 6 + 16);  // 16: a word or a sequence may reach beyond stop
    while (i < stop) {
      if (std::endian::native == std::endian::little && i + 8 <= text.size()) {
        std::uint64_t word;
        std::memcpy(&word, text.data() + i, 8);
        std::memcpy(out, &word, 8);
        const std::uint64_t found = special_bytes<escape>(word);
        const auto clean = found == 0 ? 8 : static_cast<std::size_t>(std::countr_zero(found)) / 8;
        out += clean;
        i += clean;
        if (found == 0) continue;
      } else if (!special<escape>(text[i])) {
        *out++ = text[i++];
        continue;
      }
      std::size_t taken = 0;
      out = put_special<escape>(out, text.substr(i, 4), taken);
      i += taken;
    }
    writer.commit(out);
  }
  writer.put('"');
}

}  // namespace

void write_json_string(TextWriter& out, std::string_view text, Escape escape) {
  if (escape == Escape::html) {
    write<Escape::html>(out, text);
  } else {
    write<Escape::plain>(out, text);
  }
}

}  // namespace rr::http
