#include "runtime/plugins/http/middleware/built_in.h"

#include <algorithm>
#include <array>

#include "runtime/plugins/http/middleware/cache/middleware.h"
#include "runtime/plugins/http/middleware/circuitbreaker/middleware.h"
#include "runtime/plugins/http/middleware/gzip/middleware.h"
#include "runtime/plugins/http/middleware/headers/middleware.h"
#include "runtime/plugins/http/middleware/proxy_ip_parser/middleware.h"
#include "runtime/plugins/http/middleware/rate_limiter/middleware.h"
#include "runtime/plugins/http/middleware/sendfile/middleware.h"
#include "runtime/plugins/http/middleware/static/middleware.h"

namespace rr::http {
namespace {

template <class T, std::unique_ptr<HttpMiddleware> (*kMake)(const T&, Context&)>
constexpr BuiltIn middleware(std::string_view name, std::string_view section) {
  return {
      .name = name,
      .section = section,
      .describe = [](const BuiltIn& self) { return config::describe<T>(self.section); },
      .check = [](const BuiltIn& self,
                  config::Config& config) { static_cast<void>(config.section<T>(self.section)); },
      .make = [](const BuiltIn& self, Context& context) -> std::unique_ptr<HttpMiddleware> {
        return kMake(context.section<T>(self.section, self.name), context);
      }};
}

constexpr std::array kAll{
    middleware<cache::CacheConfig, cache::make>("cache", "http.cache"),
    middleware<circuitbreaker::CircuitBreakerConfig, circuitbreaker::make>("circuitbreaker",
                                                                           "circuitbreaker"),
    middleware<gzip::GzipConfig, gzip::make>("gzip", "http.gzip"),
    middleware<headers::HeadersConfig, headers::make>("headers", "http.headers"),
    middleware<proxy_ip::ProxyIpConfig, proxy_ip::make>("proxy_ip_parser", "http"),
    middleware<rate_limiter::RateLimiterConfig, rate_limiter::make>("rate_limiter",
                                                                    "http.rate_limiter"),
    middleware<sendfile::SendfileConfig, sendfile::make>("sendfile", "http"),
    middleware<static_files::StaticConfig, static_files::make>("static", "http.static"),
};

}  // namespace

std::span<const BuiltIn> built_in_middleware() {
  return kAll;
}

bool planned_middleware(std::string_view name) {
  static constexpr std::string_view kPlanned[] = {"otel", "sendremotefile"};
  return std::ranges::find(kPlanned, name) != std::end(kPlanned);
}

}  // namespace rr::http
