#include "runtime/net/http/target.h"

#include "runtime/net/http/chars.h"

namespace rr::net::http {
namespace {

bool valid_port(std::string_view digits) {
  if (digits.size() > 5 || !chars::all(digits, chars::kDigit)) return false;
  return digits.empty() || chars::parse_length(digits) <= 65535;
}

}  // namespace

bool valid_escapes(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') continue;
    if (text.size() - i < 3 || !chars::is(text[i + 1], chars::kHex) ||
        !chars::is(text[i + 2], chars::kHex)) {
      return false;
    }
    i += 2;
  }
  return true;
}

bool valid_authority(std::string_view text, Port port) {
  if (text.empty()) return false;
  std::string_view rest;
  if (text.front() == '[') {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return false;
    for (char byte : text.substr(1, close - 1)) {
      if (!chars::is(byte, chars::kHost) || byte == '[') return false;
    }
    if (close == 1) return false;
    rest = text.substr(close + 1);
    if (!rest.empty() && rest.front() != ':') return false;
  } else {
    const std::size_t colon = text.find(':');
    const std::string_view name = text.substr(0, colon);
    if (name.empty() || name.find_first_of("[]") != std::string_view::npos) return false;
    if (!chars::all(name, chars::kHost) || !valid_escapes(name)) return false;
    if (colon != std::string_view::npos) rest = text.substr(colon);
  }
  if (port == Port::required && rest.size() < 2) return false;
  return rest.empty() || valid_port(rest.substr(1));
}

}  // namespace rr::net::http
