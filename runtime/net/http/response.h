// What every HTTP version does with an answer before it is framed (spec 02 §3.3, §3.4).
#pragma once

#include <string>
#include <string_view>

#include "rr/http.h"

namespace rr::net::http {

// The standard phrase, "status code N" for unknown codes.
std::string_view reason_phrase(int status, std::string& storage);

// "Thu, 01 Jan 1970 00:00:00 GMT" of now; formatted once a second per thread.
std::string_view date_now();

// Content type by the first up to 512 bytes, as Go's net/http (spec 02 §3.4).
std::string_view sniff_content_type(std::string_view body);

// Field names and values fit to send: token characters; no control bytes.
bool valid_field_name(std::string_view name);
// Appends a value with CR and LF as spaces, surrounding white space trimmed.
void append_field_value(std::string& out, std::string_view value);

bool equals_ignoring_case(std::string_view a, std::string_view b);
// Canonical form: "x-foo-bar" becomes "X-Foo-Bar"; names with other than token bytes unchanged.
void canonicalize(std::string& name);

}  // namespace rr::net::http
