// Base64 with padding, as JSON carries bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rr {

std::string base64_encode(std::string_view bytes);
// Nothing: the text is none, or not padded to fours. Line breaks are passed over, as in Go.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace rr
