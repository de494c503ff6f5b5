// Values such as `form-data; name="a"; filename*=UTF-8''b`, read as Go's mime.ParseMediaType reads
// them: RFC 2045 and 2231, with the tolerance for what old browsers send.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rr::http {

struct MediaType {
  std::string type;  // lower case; empty when the value is malformed
  // Names in lower case; none when malformed.
  std::vector<std::pair<std::string, std::string>> parameters;

  // Null when there is no such parameter.
  const std::string* parameter(std::string_view name) const;
};

MediaType parse_media_type(std::string_view value);

}  // namespace rr::http
