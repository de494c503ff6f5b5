// `rate_limiter`: requests above a rate are turned away before PHP (spec 02 §4.8).
#pragma once

#include <memory>

#include "rr/http_middleware.h"
#include "rr/plugin.h"
#include "runtime/plugins/http/middleware/rate_limiter/config.h"

namespace rr::http::rate_limiter {

// Null without the section.
std::unique_ptr<HttpMiddleware> make(const RateLimiterConfig& config, Context& context);

}  // namespace rr::http::rate_limiter
