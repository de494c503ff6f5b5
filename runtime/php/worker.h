// A worker script in superglobal style: what is set up before each call of its handler and put back
// after it, so that one long PHP request looks to the handler like a fresh one (spec 08 §3.4).
#pragma once

#include "runtime/php/state.h"

namespace rr::php {

// All of these run engine code and may bail out; see host.h.
int superglobals_begin(State& state);
void superglobals_end(State& state, bool failed);
// The script's life ends: whatever the baseline holds is the engine's again or freed. Before
// php_request_shutdown().
void baseline_release(State& state);

// Waits for the next exchange and takes it in hand. False: the script should leave.
bool take_exchange(State& state, TimePoint deadline) noexcept;
// The script waits for work by a descriptor that is readable when take_exchange() should be tried;
// -1: it cannot.
int wait_by_descriptor(State& state) noexcept;
// Answers the exchange in hand with an error, in place of the script. Runs no engine code.
void fail_exchange(State& state, const Error& error);
// The exchange in hand is over; answers 500 when nobody has answered.
void drop_exchange(State& state) noexcept;
// The exchange in hand was not begun: another worker gets it.
void release_exchange(State& state) noexcept;

}  // namespace rr::php
