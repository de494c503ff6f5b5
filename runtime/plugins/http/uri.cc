#include "runtime/plugins/http/uri.h"

#include <array>

#include "runtime/plugins/http/ascii.h"

namespace rr::http {
namespace {

using ByteSet = std::array<bool, 256>;

constexpr ByteSet byte_set(std::string_view extra) {
  ByteSet set{};
  for (int c = '0'; c <= '9'; ++c) set[c] = true;
  for (int c = 'a'; c <= 'z'; ++c) set[c] = set[c - 32] = true;
  for (char c : extra) set[static_cast<unsigned char>(c)] = true;
  return set;
}

constexpr ByteSet kLegalInPath = byte_set("-_.~!$&'()*+,;=:@[]/%");
constexpr ByteSet kKeptInPath = byte_set("-_.~$&+,/:;=@");
constexpr ByteSet kVerbatim = [] {
  ByteSet set{};
  for (int c = 0; c < 0x80; ++c) set[c] = c != '\r' && c != '\n';
  return set;
}();

bool all_in(const ByteSet& set, std::string_view text) {
  bool all = true;
  for (char c : text) all &= set[ascii::byte(c)];
  return all;
}

void append_escaped(std::string& out, char c) {
  out += '%';
  out += ascii::kUpperHex[ascii::byte(c) >> 4];
  out += ascii::kUpperHex[ascii::byte(c) & 15];
}

void append_verbatim(std::string& out, std::string_view text) {
  if (all_in(kVerbatim, text)) {
    out += text;
    return;
  }
  for (char c : text) {
    if (kVerbatim[ascii::byte(c)]) {
      out += c;
    } else if (c != '\r' && c != '\n') {
      append_escaped(out, c);
    }
  }
}

void append_path(std::string& out, std::string_view path) {
  if (all_in(kLegalInPath, path)) {
    out += path;
    return;
  }
  for (std::size_t i = 0; i < path.size(); ++i) {
    char c = path[i];
    if (c == '\r' || c == '\n') continue;
    if (c == '%' && i + 2 < path.size() && ascii::hex(path[i + 1]) >= 0 &&
        ascii::hex(path[i + 2]) >= 0) {
      c = static_cast<char>(ascii::hex(path[i + 1]) << 4 | ascii::hex(path[i + 2]));
      i += 2;
      // RoadRunner makes a separator of it, and the application routes another path than was asked
      // for.
      if (c == '/') {
        out.append(path, i - 2, 3);
        continue;
      }
    }
    if (kKeptInPath[ascii::byte(c)]) {
      out += c;
    } else {
      append_escaped(out, c);
    }
  }
}

bool has_query_mark(const HttpRequest& request) {
  const HttpHead& head = request.head;
  return head.query.length > 0 || request(head.target).find('?') != std::string_view::npos;
}

}  // namespace

void append_uri(std::string& out, const HttpRequest& request) {
  const HttpHead& head = request.head;
  const std::string_view target = request(head.target);
  if (request(head.method) == "CONNECT" && !target.starts_with('/')) {
    out += "//";
    append_verbatim(out, target);
    return;
  }
  if (head.scheme_authority.length > 0) {
    const std::string_view base = request(head.scheme_authority);
    const std::size_t scheme = std::min(base.find(':'), base.size());
    for (char c : base.substr(0, scheme)) out += ascii::lower(c);
    append_verbatim(out, base.substr(scheme));
  } else {
    out += head.tls ? "https://" : "http://";
    append_verbatim(out, request(head.host));
  }
  append_path(out, request(head.path));
  if (has_query_mark(request)) {
    out += '?';
    append_verbatim(out, request(head.query));
  }
}

void append_raw_query(std::string& out, const HttpRequest& request) {
  append_verbatim(out, request(request.head.query));
}

}  // namespace rr::http
