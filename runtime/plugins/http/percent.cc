#include "runtime/plugins/http/percent.h"

#include "rr/utf8.h"
#include "runtime/plugins/http/ascii.h"

namespace rr::http {

std::string_view invalid_escape(std::string_view text) {
  for (std::size_t i = text.find('%'); i != text.npos; i = text.find('%', i + 3)) {
    if (i + 2 >= text.size() || ascii::hex(text[i + 1]) < 0 || ascii::hex(text[i + 2]) < 0) {
      return text.substr(i, 3);
    }
  }
  return {};
}

bool append_form_decoded(std::string& out, std::string_view text, std::string_view& bad) {
  bad = invalid_escape(text);
  if (!bad.empty()) return false;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t stop = std::min(text.find_first_of("%+", i), text.size());
    out.append(text, i, stop - i);
    i = stop;
    if (i == text.size()) break;
    if (text[i] == '+') {
      out += ' ';
      i += 1;
    } else {
      out += static_cast<char>(ascii::hex(text[i + 1]) << 4 | ascii::hex(text[i + 2]));
      i += 3;
    }
  }
  return true;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const char c = text[0];
    const std::size_t length = utf8::sequence(text);
    if (length > 1) {
      out.append(text.substr(0, length));
      text.remove_prefix(length);
      continue;
    }
    text.remove_prefix(1);
    constexpr std::string_view kCodes = "\a\b\f\n\r\t\v\"\\";
    constexpr std::string_view kLetters = "abfnrtv\"\\";
    if (auto at = kCodes.find(c); at != kCodes.npos) {
      out += '\\';
      out += kLetters[at];
    } else if (length == 0 || ascii::byte(c) < 0x20 || c == 0x7F) {
      out += "\\x";
      out += ascii::kLowerHex[ascii::byte(c) >> 4];
      out += ascii::kLowerHex[ascii::byte(c) & 15];
    } else {
      out += c;
    }
  }
  out += '"';
  return out;
}

}  // namespace rr::http
