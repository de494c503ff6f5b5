// What every HTTP version does with an answer before it is framed (spec 02 §3.3, §3.4). Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "rr/http.h"

namespace rr::net::http {

// The standard phrase, "status code N" for unknown codes (then kept in `storage`).
std::string_view reason_phrase(int status, std::string& storage);

// "Thu, 01 Jan 1970 00:00:00 GMT" of now; formatted once a second per thread, valid until the
// thread asks again.
std::string_view date_now();
// The same as a whole field line: "Date: …\r\n".
std::string_view date_line();

// Content type by the first up to 512 bytes, as Go's net/http (spec 02 §3.4). Static text.
std::string_view sniff_content_type(std::string_view body);

// Fit to send: not empty, token characters only.
bool valid_field_name(std::string_view name);
// Appends a valid name, canonical if asked ("x-foo-bar" becomes "X-Foo-Bar"). False, and nothing
// appended, for one that is not fit to send.
enum class Case { as_given, canonical };
bool append_field_name(std::string& out, std::string_view name, Case form);
// Appends a value with control bytes (CR and LF above all) as spaces, trimmed.
void append_field_value(std::string& out, std::string_view value);
// Appends in decimal.
void append_number(std::string& out, std::uint64_t number);

bool equals_ignoring_case(std::string_view a, std::string_view b);
// Canonical form: "x-foo-bar" becomes "X-Foo-Bar"; names with other than token bytes unchanged.
void canonicalize(std::string& name);

// No body may follow, whatever the method (1xx, 204, 304).
constexpr bool forbids_body(int status) {
  return status < 200 || status == 204 || status == 304;
}

}  // namespace rr::net::http
