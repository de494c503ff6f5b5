// `cache`: a shared cache in memory (RFC 9111).
#pragma once

#include <memory>

#include "rr/http_middleware.h"
#include "rr/plugin.h"
#include "runtime/plugins/http/middleware/cache/config.h"

namespace rr::http::cache {

std::unique_ptr<HttpMiddleware> make(const CacheConfig& config, Context& context);

}  // namespace rr::http::cache
