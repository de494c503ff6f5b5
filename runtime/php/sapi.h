// The server API module of PHP that this server is.
#pragma once

#include "runtime/php/state.h"

namespace rr::php {

extern sapi_module_struct sapi;

// Logger for lines that belong to no interpreter (module startup).
void set_engine_logger(const log::Logger& log);
const log::Logger& engine_logger();

// Runs `body(argument)` with a bailout stopped here. The one place where engine code may jump to.
// Returns false after a bailout. `body` and its callers up to here hold no object with a
// destructor.
bool run_guarded(void (*body)(void*), void* argument) noexcept;

// Wraps the engine's error callback so that fatal errors are remembered. After module startup.
void install_error_callback();

// Moves the calling thread's working directory (virtual, per thread) to the script's folder.
void enter_folder_of(const char* file);

}  // namespace rr::php
