// `sendfile`: PHP names a file in X-Sendfile and the server sends it (spec 02 §4.4).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "rr/http_middleware.h"
#include "rr/plugin.h"
#include "runtime/plugins/http/middleware/sendfile/config.h"

namespace rr::http::sendfile {

std::unique_ptr<HttpMiddleware> make(const SendfileConfig& config, Context& context);

// A path without "." and "..", as far as that can be told from the text: those that lead above its
// beginning stay in a relative one.
std::string cleaned(std::string_view path);

}  // namespace rr::http::sendfile
