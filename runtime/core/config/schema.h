// The schema by which editors complete and check a configuration, from the tables that decode it.
#pragma once

#include <string>
#include <vector>

#include "rr/config/describe.h"

namespace rr::config {

// JSON Schema, draft 7. A key that RoadRunner knows and this program does not is allowed.
std::string schema_text(const std::vector<Description>& sections);

}  // namespace rr::config
