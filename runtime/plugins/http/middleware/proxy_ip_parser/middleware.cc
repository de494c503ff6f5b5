#include "runtime/plugins/http/middleware/proxy_ip_parser/middleware.h"

#include <algorithm>
#include <string>
#include <vector>

#include "runtime/net/http/chars.h"
#include "runtime/net/http/response.h"
#include "runtime/plugins/http/middleware/proxy_ip_parser/parse.h"

namespace rr::http::proxy_ip {
namespace {

std::vector<std::string> field_names(const std::vector<std::string>& configured) {
  std::vector<std::string> names;
  for (const std::string& each : configured) {
    std::string name(net::http::chars::trim(each));
    net::http::canonicalize(name);
    if (!name.empty() && std::ranges::find(names, name) == names.end())
      names.push_back(std::move(name));
  }
  if (names.empty())
    names = {"Forwarded", "X-Forwarded-For", "X-Real-Ip", "True-Client-Ip", "Cf-Connecting-Ip"};
  return names;
}

class ProxyIpParser final : public HttpMiddleware {
 public:
  explicit ProxyIpParser(const ProxyIpConfig& config)
      : names_(field_names(config.trusted_headers)), forwarded_for_(config.forwarded_for) {
    for (const std::string& text : config.trusted_subnets)
      trusted_.push_back(*Subnet::parse(text));  // checked
  }

  HttpVerdict handle(HttpCall& call) override {
    const HttpRequest& request = call.request();
    const auto peer = parse_address(request(request.head.remote_address));
    if (!peer || std::ranges::none_of(trusted_,
                                      [&](const Subnet& subnet) { return subnet.contains(*peer); }))
      return HttpVerdict::pass;
    for (const std::string& name : names_) {
      const std::string client = client_by(name, request);
      if (client.empty()) continue;
      call.set_remote_address(client);
      break;
    }
    return HttpVerdict::pass;
  }

 private:
  std::string client_by(const std::string& name, const HttpRequest& request) const {
    const std::string_view value = net::http::chars::trim(request.field(name));
    if (name == "Forwarded") return std::string(client_of_forwarded(value));
    if (name != "X-Forwarded-For") return std::string(value);
    if (forwarded_for_ == ForwardedFor::untrusted) return last_untrusted(request, trusted_);
    return std::string(first_forwarded_for(value));
  }

  std::vector<Subnet> trusted_;
  const std::vector<std::string> names_;
  const ForwardedFor forwarded_for_;
};

}  // namespace

void ProxyIpConfig::check(config::Errors& errors) const {
  for (const std::string& text : trusted_subnets)
    errors.require(Subnet::parse(text).has_value(), "trusted_subnets",
                   "invalid CIDR address: " + text);
}

std::unique_ptr<HttpMiddleware> make(const ProxyIpConfig& config, Context&) {
  if (config.trusted_subnets.empty()) return nullptr;
  return std::make_unique<ProxyIpParser>(config);
}

}  // namespace rr::http::proxy_ip
