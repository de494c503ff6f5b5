// JSON text as zap writes it, which tools that read RoadRunner's logs compare byte for byte.
#pragma once

#include <string>
#include <string_view>

namespace rr::log {

// A string with its quotes. `<>&` and characters beyond ASCII stay; bytes that are no UTF-8 become
// the escape \ufffd.
void append_json_string(std::string_view text, std::string& out);

// A number; NaN and infinities as strings.
void append_json_number(double value, std::string& out);

}  // namespace rr::log
