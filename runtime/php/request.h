// From an HTTP exchange to what the engine and $_SERVER know of a request.
#pragma once

#include "runtime/php/state.h"

namespace rr::php {

// Fills SG(request_info) and the state's texts for the exchange in hand. Before sapi_activate().
// Allocates on the request heap only for credentials.
void request_prepare(State& state);
// Only what register_request_variables() needs, for the object style.
void request_note_texts(State& state) noexcept;
// Which script runs, for classic mode: script_file, script_name, path_info.
void request_route(State& state) noexcept;
// The same for a worker script, which is its own front controller.
void request_route_worker(State& state) noexcept;
// Leaves no pointer into the exchange behind in the engine. After sapi_deactivate().
void request_forget(State& state) noexcept;

// $_SERVER of a request, and of a worker script's own life.
void register_request_variables(State& state, zval* array);
void register_script_variables(State& state, zval* array);

}  // namespace rr::php
