// The client's address as workers see it (spec 02 §2.3).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rr::http {

// Reduces "ip:port" to the IP, "[::1]:80" to "::1"; what has no colon stays as it is, a bare IPv6
// address is normalised. Nothing for anything else: "remote address parsing failure" is to be
// logged and the worker gets "". For addresses that middleware put in; HttpHead::remote_address is
// reduced.
std::optional<std::string> reduce_remote_address(std::string_view address);

}  // namespace rr::http
