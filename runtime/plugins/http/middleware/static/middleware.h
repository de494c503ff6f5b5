// `static`: files of a folder, without PHP (spec 02 §4.3).
#pragma once

#include <memory>

#include "rr/http_middleware.h"
#include "rr/plugin.h"
#include "runtime/plugins/http/middleware/static/config.h"

namespace rr::http::static_files {

// Null without the section.
std::unique_ptr<HttpMiddleware> make(const StaticConfig& config, Context& context);

}  // namespace rr::http::static_files
