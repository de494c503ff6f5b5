// Every section of the configuration that this program reads.
#pragma once

#include <vector>

#include "rr/config.h"

namespace rr::app {

// From the tables that decode them: for the review of unknown keys, the reference page, the schema.
std::vector<config::Description> known_sections();

}  // namespace rr::app
