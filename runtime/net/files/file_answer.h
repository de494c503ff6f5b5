// Answers a request with a file: conditions, ranges, sendfile (spec 02 §4.3).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "rr/http.h"
#include "runtime/net/files/open_file.h"

namespace rr::net::files {

struct FileAnswer {
  std::span<const HeaderView> headers = {};  // beside those about the file; may set Content-Type
  bool ranges = true;
};

// Gives the whole answer to an exchange that has begun: 200, 206, 304, 412 or 416.
void answer_with_file(HttpExchange& exchange, const OpenFile& file, const FileAnswer& how);

// A path of a request with its escapes decoded; a malformed escape stays as it is.
std::string decoded_path(std::string_view path);

}  // namespace rr::net::files
