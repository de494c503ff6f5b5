// Writes JSON strings, fast: eight bytes at a time as long as nothing needs an escape.
#pragma once

#include <string_view>

#include "runtime/plugins/http/text_writer.h"

namespace rr::http {

enum class Escape {
  plain,  // what JSON asks for; a byte that is no UTF-8 becomes U+FFFD
  html,   // as Go writes it: also < > & U+2028 U+2029; a byte that is no UTF-8 becomes \ufffd
};

// Appends `text` as a JSON string, quotes included.
void write_json_string(TextWriter& out, std::string_view text, Escape escape);

}  // namespace rr::http
