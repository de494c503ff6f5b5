// `headers`: fields for every request and every answer, and CORS.
#pragma once

#include <memory>

#include "rr/http_middleware.h"
#include "rr/plugin.h"
#include "runtime/plugins/http/middleware/headers/config.h"

namespace rr::http::headers {

// Null without the section.
std::unique_ptr<HttpMiddleware> make(const HeadersConfig& config, Context& context);

}  // namespace rr::http::headers
