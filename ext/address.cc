#include "ext/address.h"

#include <sys/un.h>

#include <algorithm>

namespace rr::ext {

namespace {

// "tcp://" in any case.
bool take_scheme(std::string_view* text, std::string_view scheme) {
  if (text->size() < scheme.size()) return false;
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; };
  if (!std::equal(scheme.begin(), scheme.end(), text->begin(),
                  [&](char wanted, char given) { return same(given, wanted); }))
    return false;
  text->remove_prefix(scheme.size());
  return true;
}

bool is_port(std::string_view text) {
  if (text.empty() || text.size() > 5) return false;
  unsigned number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    number = number * 10 + static_cast<unsigned>(c - '0');
  }
  return number > 0 && number <= 65535;
}

bool is_host(std::string_view text) {
  return text.find_first_of(std::string_view(" /\\[]\0", 6)) == std::string_view::npos;
}

bool parse_tcp(std::string_view text, Address* out) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || !is_port(text.substr(colon + 1))) return false;
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (!is_host(host) || (!bracketed && host.find(':') != std::string_view::npos)) return false;
  out->kind = Address::Kind::tcp;
  out->port = text.substr(text.find_first_not_of('0', colon + 1));
  if (host.empty() || host == "0.0.0.0") {
    out->host = "127.0.0.1";
  } else {
    out->host = host == "::" ? "::1" : host;
  }
  for (char& c : out->host) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return true;
}

bool parse_local(std::string_view path, Address* out) {
  if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path)) return false;
  if (path.find('\0') != std::string_view::npos) return false;
  out->kind = Address::Kind::local;
  out->path = path;
  return true;
}

}  // namespace

bool Address::parse(std::string_view text, Address* out) {
  if (take_scheme(&text, "unix://")) return parse_local(text, out);
  const bool tcp = take_scheme(&text, "tcp://");
  if (!tcp && text.find("://") != std::string_view::npos) return false;
  return parse_tcp(text, out);
}

std::string Address::text() const {
  if (kind == Kind::local) return "unix://" + path;
  const bool six = host.find(':') != std::string::npos;
  return "tcp://" + (six ? '[' + host + ']' : host) + ':' + port;
}

}  // namespace rr::ext
