#include "runtime/plugins/http/redirect.h"

#include <vector>

#include "runtime/plugins/http/service.h"
#include "runtime/plugins/http/uri.h"

namespace rr::http {
namespace {

std::string_view without_port(std::string_view host) {
  const std::size_t bracket = host.rfind(']');
  const std::size_t colon = host.rfind(':');
  if (colon == std::string_view::npos) return host;
  if (bracket != std::string_view::npos && colon < bracket) return host;
  return host.substr(0, colon);
}

}  // namespace

std::string https_location(const HttpRequest& request, std::uint16_t port) {
  std::string_view host = without_port(request(request.head.host));
  std::string out = "https://";
  if (host.empty()) {
    host = request(request.head.local_address);
    const bool v6 = host.find(':') != std::string_view::npos;
    out.append(v6 ? "[" : "").append(host).append(v6 ? "]" : "");
  } else {
    out += host;
  }
  if (port != 443) out += ":" + std::to_string(port);
  std::string uri;
  append_uri(uri, request);
  const std::size_t authority = uri.find("//");
  const std::size_t path = authority == uri.npos ? 0 : uri.find_first_of("/?", authority + 2);
  if (path != uri.npos) out.append(uri, path);
  if (out.back() == '?') out.pop_back();
  return out;
}

void Redirect::handle(net::http::Transaction* transaction) {
  ExchangePtr owned(transaction);
  const HttpRequest& request = transaction->request();
  const std::string location = https_location(request, port_);
  std::vector<HeaderView> headers{
      {"Location", location},
      {"Strict-Transport-Security", "max-age=31536000; includeSubDomains; preload"}};
  std::string body;
  if (const std::string_view method = request(request.head.method);
      method == "GET" || method == "HEAD") {
    headers.push_back({"Content-Type", "text/html; charset=utf-8"});
    if (method == "GET") {
      body = "<a href=\"" + Service::escaped(location) + "\">Permanent Redirect</a>.\n\n";
    }
  }
  transaction->answer_at_once({.status = 308, .headers = headers}, body);
  transaction->conclude();
}

}  // namespace rr::http
