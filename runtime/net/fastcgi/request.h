// CGI parameters as a request's head (spec 02 §5.6). Sans I/O. Fuzzed.
#pragma once

#include <string_view>

#include "runtime/net/http/request_block.h"

namespace rr::net::fastcgi {

// Fills a cleared block. Null, or what is wrong: static text. Remote address and port come from the
// parameters as well.
const char* read_params(http::RequestBlock& block, std::string_view params);

}  // namespace rr::net::fastcgi
