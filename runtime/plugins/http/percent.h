// Percent-decoding as forms, queries and cookies use it.
#pragma once

#include <string>
#include <string_view>

namespace rr::http {

// Appends `text` with '+' as a space and %xx as its byte. On an invalid escape returns false, `out`
// is as before, and `bad` is the escape (at most three bytes of `text`).
bool append_form_decoded(std::string& out, std::string_view text, std::string_view& bad);

// First invalid %xx of `text`, empty when there is none.
std::string_view invalid_escape(std::string_view text);

// Go's %q, as it stands in error texts: double quotes, escapes, \xNN for bytes that are no UTF-8.
std::string quoted(std::string_view text);

}  // namespace rr::http
