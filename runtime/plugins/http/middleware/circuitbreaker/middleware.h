// `circuitbreaker`: while too many answers are errors, requests are turned away before PHP.
#pragma once

#include <memory>

#include "rr/http_middleware.h"
#include "rr/plugin.h"
#include "runtime/plugins/http/middleware/circuitbreaker/config.h"

namespace rr::http::circuitbreaker {

// Null without the section.
std::unique_ptr<HttpMiddleware> make(const CircuitBreakerConfig& config, Context& context);

}  // namespace rr::http::circuitbreaker
