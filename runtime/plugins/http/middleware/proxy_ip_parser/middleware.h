// `proxy_ip_parser`: behind a proxy, the client's address instead of the proxy's.
#pragma once

#include <memory>

#include "rr/http_middleware.h"
#include "rr/plugin.h"
#include "runtime/plugins/http/middleware/proxy_ip_parser/config.h"

namespace rr::http::proxy_ip {

// Null without trusted subnets.
std::unique_ptr<HttpMiddleware> make(const ProxyIpConfig& config, Context& context);

}  // namespace rr::http::proxy_ip
