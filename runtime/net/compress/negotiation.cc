#include "runtime/net/compress/negotiation.h"

#include <algorithm>

#include "runtime/net/http/chars.h"
#include "runtime/net/http/response.h"

namespace rr::net::compress {
namespace {

namespace chars = http::chars;

// The weight of a member's parameters in thousandths: 1000 without one, -1 for a malformed one.
int weight(std::string_view parameters) {
  while (!parameters.empty()) {
    const auto semicolon = parameters.find(';');
    std::string_view parameter = chars::trim(parameters.substr(0, semicolon));
    parameters.remove_prefix(semicolon == std::string_view::npos ? parameters.size()
                                                                 : semicolon + 1);
    if (parameter.size() < 2 || (parameter[0] | 0x20) != 'q') continue;
    parameter = chars::trim(parameter.substr(1));
    if (!parameter.starts_with('=')) continue;
    parameter = chars::trim(parameter.substr(1));
    if (parameter.empty() || (parameter[0] != '0' && parameter[0] != '1')) return -1;
    int value = (parameter[0] - '0') * 1000;
    if (parameter.size() == 1) return value;
    if (parameter[1] != '.' || parameter.size() > 5) return -1;
    int unit = 100;
    for (const char digit : parameter.substr(2)) {
      if (digit < '0' || digit > '9') return -1;
      value += (digit - '0') * unit;
      unit /= 10;
    }
    return value <= 1000 ? value : -1;
  }
  return 1000;
}

bool contains(std::string_view text, std::string_view lower) {
  return std::search(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b;
         }) != text.end();
}

bool is(std::string_view name, std::string_view other) {
  return http::equals_ignoring_case(name, other);
}

}  // namespace

std::string_view name_of(Encoding encoding) {
  for (const auto& [name, value] : config_names(Encoding{})) {
    if (value == encoding) return name;
  }
  return {};
}

std::optional<Encoding> choose(std::string_view accept, std::span<const Encoding> offered) {
  std::optional<Encoding> best;
  int most = 0;
  for (const Encoding encoding : offered) {
    std::string_view list = accept;
    while (!list.empty()) {
      const std::string_view member = chars::next_member(list);
      const auto semicolon = member.find(';');
      if (!is(chars::trim(member.substr(0, semicolon)), name_of(encoding))) continue;
      const int value = weight(semicolon == std::string_view::npos ? std::string_view()
                                                                   : member.substr(semicolon + 1));
      if (value > most) {
        most = value;
        best = encoding;
      }
      break;
    }
  }
  return best;
}

Outlook look_at(const HttpResponseHead& head) {
  Outlook seen;
  seen.possible = !http::forbids_body(head.status);
  for (const HeaderView& header : head.headers) {
    if (is(header.name, "Content-Type")) {
      seen.typed = true;
      seen.possible &= compressible(header.value);
    } else if (is(header.name, "Content-Length")) {
      seen.length = chars::parse_length(chars::trim(header.value));
    } else if (is(header.name, "Content-Encoding") || is(header.name, "Content-Range")) {
      seen.possible = false;
    } else if (is(header.name, "No-Gzip-Compression")) {
      seen.possible = false;
      seen.opted_out = true;
    }
  }
  seen.possible &= seen.length < 0 || seen.length >= static_cast<std::int64_t>(kLeast);
  return seen;
}

bool compressible(std::string_view type) {
  constexpr std::string_view kWithin[] = {"compress", "zip",  "snappy", "lzma",
                                          "xz",       "zstd", "brotli", "stuffit"};
  constexpr std::string_view kBegins[] = {"video/", "audio/", "image/jp"};
  type = chars::trim(type);
  const bool within =
      std::ranges::any_of(kWithin, [&](std::string_view word) { return contains(type, word); });
  const bool begins = std::ranges::any_of(kBegins, [&](std::string_view word) {
    return type.size() >= word.size() && is(type.substr(0, word.size()), word);
  });
  return !within && !begins;
}

}  // namespace rr::net::compress
