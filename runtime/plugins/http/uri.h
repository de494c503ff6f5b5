// `uri` and `raw_query` of a request as workers see them (spec 02 §2.2). Pure functions.
#pragma once

#include <string>

#include "rr/http.h"

namespace rr::http {

// Appends the request's URI: scheme, authority (absolute-form: its own, else the Host field,
// verbatim) and target. A path that is legal keeps its percent-encoding; one illegal byte makes the
// whole path decoded and encoded anew (an escaped slash stays escaped). The query is verbatim,
// except that each byte from 0x80 up is percent-encoded and raw CR and LF vanish: the result is
// always ASCII. CONNECT: "//host:port".
void append_uri(std::string& out, const HttpRequest& request);

// Appends what follows the first '?', treated the same way.
void append_raw_query(std::string& out, const HttpRequest& request);

}  // namespace rr::http
