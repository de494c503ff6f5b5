// `gzip`: compresses answers (spec 02 §4.5).
#pragma once

#include <memory>

#include "rr/http_middleware.h"
#include "rr/plugin.h"
#include "runtime/plugins/http/middleware/gzip/config.h"

namespace rr::http::gzip {

std::unique_ptr<HttpMiddleware> make(const GzipConfig& config, Context& context);

}  // namespace rr::http::gzip
