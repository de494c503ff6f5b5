// What a client takes, and what is worth compressing (spec 02 §4.5). Pure functions.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "rr/http.h"
#include "runtime/net/compress/encoding.h"

namespace rr::net::compress {

inline constexpr std::uint64_t kLeast = 1024;  // shorter bodies stay as they are

// "gzip", "br", "zstd".
std::string_view name_of(Encoding encoding);

// The encoding that an Accept-Encoding field gives the greatest weight among those offered, the one
// offered first when several have the same. Only names count, "*" and "x-gzip" do not.
std::optional<Encoding> choose(std::string_view accept, std::span<const Encoding> offered);

// What the head of an answer says about compressing it.
struct Outlook {
  bool possible = false;   // nothing in it forbids it (a type that is not known yet may)
  bool opted_out = false;  // has the field that is not for the client
  bool typed = false;
  std::int64_t length = -1;  // Content-Length
};
Outlook look_at(const HttpResponseHead& head);

// Whether bodies of a media type are worth it: those that are compressed already are not.
bool compressible(std::string_view type);

}  // namespace rr::net::compress
