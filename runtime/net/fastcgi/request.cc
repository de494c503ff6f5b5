#include "runtime/net/fastcgi/request.h"

#include <string>

#include "runtime/net/fastcgi/records.h"
#include "runtime/net/http/chars.h"
#include "runtime/net/http/response.h"
#include "runtime/net/http/target.h"

namespace rr::net::fastcgi {
namespace {

namespace chars = http::chars;

struct Cgi {
  std::string_view method, protocol, uri, script, path_info, query, host, https, address, port,
      type, length;
};

// Where a parameter that is no field goes; null for the others.
std::string_view* place(Cgi& cgi, std::string_view name) {
  struct Known {
    std::string_view name;
    std::string_view Cgi::*place;
  };
  static constexpr Known kKnown[] = {
      {"REQUEST_METHOD", &Cgi::method}, {"SERVER_PROTOCOL", &Cgi::protocol},
      {"REQUEST_URI", &Cgi::uri},       {"SCRIPT_NAME", &Cgi::script},
      {"PATH_INFO", &Cgi::path_info},   {"QUERY_STRING", &Cgi::query},
      {"HTTP_HOST", &Cgi::host},        {"HTTPS", &Cgi::https},
      {"REMOTE_ADDR", &Cgi::address},   {"REMOTE_PORT", &Cgi::port},
      {"CONTENT_TYPE", &Cgi::type},     {"CONTENT_LENGTH", &Cgi::length},
  };
  for (const Known& each : kKnown) {
    if (each.name == name) return &(cgi.*each.place);
  }
  return nullptr;
}

bool valid_value(std::string_view value) {
  return chars::find_control(value.data(), value.data() + value.size()) ==
         value.data() + value.size();
}

const char* read_version(HttpHead& head, std::string_view protocol) {
  if (protocol == "HTTP/1.1" || protocol == "INCLUDED") {
    head.version = HttpVersion::http11;
  } else if (protocol == "HTTP/1.0") {
    head.version = HttpVersion::http10;
  } else if (protocol == "HTTP/2.0" || protocol == "HTTP/2") {
    head.version = HttpVersion::http2;
  } else if (protocol == "HTTP/3.0" || protocol == "HTTP/3") {
    head.version = HttpVersion::http3;
  } else {
    return "cgi: invalid SERVER_PROTOCOL version";
  }
  return nullptr;
}

const char* read_target(http::RequestBlock& block, const Cgi& cgi) {
  HttpHead& head = block.head;
  if (!cgi.uri.empty()) {
    head.target = block.append(cgi.uri);
  } else {
    head.target = block.append(cgi.script);
    head.target.length += block.append(cgi.path_info).length;
    if (!cgi.query.empty()) {
      head.target.length += block.append("?").length + block.append(cgi.query).length;
    }
  }
  const std::string_view target(block.data() + head.target.offset, head.target.length);
  if (chars::find_target_end(target.data(), target.data() + target.size()) !=
      target.data() + target.size()) {
    return "cgi: failed to parse REQUEST_URI into a URL";
  }
  if (target == "*" || target.empty() || target.front() != '/') {
    head.path = head.target;
    return target == "*" ? nullptr : "cgi: failed to parse REQUEST_URI into a URL";
  }
  const std::size_t mark = std::min(target.find('?'), target.size());
  head.path = {head.target.offset, static_cast<std::uint32_t>(mark)};
  if (mark < target.size()) {
    const auto after = static_cast<std::uint32_t>(mark + 1);
    head.query = {head.target.offset + after, head.target.length - after};
  }
  return http::valid_escapes(target.substr(0, mark))
             ? nullptr
             : "cgi: failed to parse REQUEST_URI into a URL";
}

void add_field(http::RequestBlock& block, std::string name, std::string_view value) {
  http::canonicalize(name);
  const TextSpan name_span = block.append(name);
  block.fields.push_back({name_span, block.append(value)});
}

}  // namespace

const char* read_params(http::RequestBlock& block, std::string_view params) {
  HttpHead& head = block.head;
  Cgi cgi;
  PairReader pairs(params);
  for (std::string_view name, value; pairs.next(name, value);) {
    if (std::string_view* known = place(cgi, name)) *known = value;
  }
  if (pairs.malformed()) return "fcgi: malformed parameters";
  if (cgi.method.empty()) return "cgi: no REQUEST_METHOD in environment";
  if (!chars::all(cgi.method, chars::kToken)) return "cgi: invalid REQUEST_METHOD";
  if (const char* wrong = read_version(head, cgi.protocol)) return wrong;
  head.method = block.append(cgi.method);
  head.head_method = cgi.method == "HEAD";
  if (const char* wrong = read_target(block, cgi)) return wrong;
  if (!cgi.length.empty()) {
    head.content_length = chars::parse_length(cgi.length);
    if (head.content_length < 0) return "cgi: bad CONTENT_LENGTH in environment";
  }
  head.tls = cgi.https == "on" || cgi.https == "ON" || cgi.https == "1";
  if (!cgi.host.empty()) {
    if (!http::valid_authority(cgi.host, http::Port::optional)) return "cgi: invalid HTTP_HOST";
    add_field(block, "Host", cgi.host);
    head.host = block.fields.back().value;
  }
  if (!valid_value(cgi.address)) return "cgi: invalid REMOTE_ADDR";
  head.remote_address = block.append(cgi.address);
  const std::int64_t port = chars::parse_length(cgi.port);
  head.remote_port = port > 0 && port <= 65535 ? static_cast<std::uint16_t>(port) : 0;
  if (!cgi.type.empty()) {
    if (!valid_value(cgi.type)) return "cgi: invalid CONTENT_TYPE";
    add_field(block, "Content-Type", cgi.type);
    head.content_type = block.fields.back().value;
  }
  constexpr std::string_view kPrefix = "HTTP_";
  PairReader fields(params);
  for (std::string_view name, value; fields.next(name, value);) {
    if (!name.starts_with(kPrefix) || name == "HTTP_HOST" || name == "HTTP_CONTENT_TYPE" ||
        name == "HTTP_CONTENT_LENGTH") {
      continue;
    }
    std::string field(name.substr(kPrefix.size()));
    for (char& c : field) {
      if (c == '_') c = '-';
    }
    if (!http::valid_field_name(field) || !valid_value(value)) return "cgi: invalid field";
    add_field(block, std::move(field), chars::trim(value));
  }
  return nullptr;
}

}  // namespace rr::net::fastcgi
