#include "runtime/core/log/json_text.h"

#include <cmath>

#include "runtime/core/config/numbers.h"

namespace rr::log {

namespace {

bool continues(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
}

// Bytes of the UTF-8 character at `at`, 0 when there is none (overlong forms and surrogates
// included).
std::size_t character_at(std::string_view text, std::size_t at) {
  const auto byte = static_cast<unsigned char>(text[at]);
  const auto next = at + 1 < text.size() ? static_cast<unsigned char>(text[at + 1]) : 0;
  if (byte >= 0xC2 && byte <= 0xDF) return continues(text, at + 1) ? 2 : 0;
  if (byte >= 0xE0 && byte <= 0xEF) {
    if ((byte == 0xE0 && next < 0xA0) || (byte == 0xED && next > 0x9F)) return 0;
    return continues(text, at + 1) && continues(text, at + 2) ? 3 : 0;
  }
  if (byte >= 0xF0 && byte <= 0xF4) {
    if ((byte == 0xF0 && next < 0x90) || (byte == 0xF4 && next > 0x8F)) return 0;
    return continues(text, at + 1) && continues(text, at + 2) && continues(text, at + 3) ? 4 : 0;
  }
  return 0;
}

void append_control(char c, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  out += "\\u00";
  out += kHex[static_cast<unsigned char>(c) >> 4];
  out += kHex[static_cast<unsigned char>(c) & 15];
}

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  std::size_t start = 0;
  const auto flush = [&](std::size_t end) { out += text.substr(start, end - start); };
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\') {
      ++i;
      continue;
    }
    if (byte >= 0x80) {
      if (const std::size_t length = character_at(text, i); length > 0) {
        i += length;
        continue;
      }
    }
    flush(i);
    if (byte >= 0x80) {
      out += "\\ufffd";
    } else if (byte == '"' || byte == '\\') {
      out += '\\';
      out += text[i];
    } else {
      append_control(text[i], out);
    }
    start = ++i;
  }
  flush(text.size());
  out += '"';
}

void append_json_number(double value, std::string& out) {
  if (std::isnan(value) || std::isinf(value)) {
    out += '"' + config::float_text(value) + '"';
  } else {
    out += config::float_text(value);
  }
}

}  // namespace rr::log
