// The log settings of a server: its `logs` section, and the container's own logger.
#pragma once

#include "runtime/app/endure_config.h"
#include "runtime/core/config/config.h"
#include "runtime/core/log/config.h"

namespace rr::app {

// Of the loaded configuration. Throws ConfigError. The logger `endure` is none of the section's
// business (spec 05 §5.1): endure.log_level rules it, its records go to stderr, as JSON, at level
// debug as text for people.
log::LogsConfig logs_config(config::Config& config, const EndureConfig& endure);

}  // namespace rr::app
