// Plugins of others, in shared libraries (include/rr/plugin_library.h).
#pragma once

#include "rr/plugin.h"
#include "runtime/core/config/config.h"

namespace rr::app {

// Loads what the key `plugins` names and adds what is in it. Libraries stay loaded: again is cheap.
// Throws ConfigError that says which one, and why: not found, built for another version, a name
// that is taken.
void load_libraries(PluginRegistry& registry, const PluginRegistry& built_in,
                    const config::Config& config);

}  // namespace rr::app
