// Every section of the configuration that this program reads.
#pragma once

#include <vector>

#include "rr/config.h"
#include "runtime/core/config/config.h"

namespace rr::app {

// From the tables that decode them: for the review of unknown keys, the reference page, the schema.
std::vector<config::Description> known_sections();
// With the sections of the libraries that the configuration names; nothing is known of their keys.
std::vector<config::Description> known_sections(const config::Config& config);

// Decodes each section that the configuration has; returns what does not fit its type or fails a
// check, with keys from the root on. What is odd but works becomes a warning of `config`.
std::vector<config::Problem> check_sections(config::Config& config);

}  // namespace rr::app
