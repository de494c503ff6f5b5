// Media types of files by their names.
#pragma once

#include <string_view>

namespace rr::net::files {

// From the last dot of the last part of a path, with the dot; empty without one. As written.
std::string_view extension_of(std::string_view path);

// Of an extension in any case; empty for one that is not known. Static text.
std::string_view type_of_extension(std::string_view extension);

}  // namespace rr::net::files
