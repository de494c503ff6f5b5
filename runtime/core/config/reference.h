// The reference page of all keys, from the tables that decode them.
#pragma once

#include <string>
#include <vector>

#include "rr/config/describe.h"

namespace rr::config {

// docs/reference.md, in Markdown.
std::string reference_page(const std::vector<Description>& sections);

}  // namespace rr::config
