// The parts of a request's target that every HTTP version judges alike. Pure functions.
#pragma once

#include <cstdint>
#include <string_view>

namespace rr::net::http {

// Every "%" is followed by two hex digits.
bool valid_escapes(std::string_view text);

enum class Port : std::uint8_t { optional, required };
// uri-host [":" port], without userinfo.
bool valid_authority(std::string_view text, Port port);

}  // namespace rr::net::http
