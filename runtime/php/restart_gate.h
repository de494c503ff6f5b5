// opcache restarts by wiping memory that all threads read, and does so inside the next request when
// it believes that nobody reads: its locks count processes, not threads. So a restart may only
// happen here, while no interpreter runs PHP (spec 08 §5.3).
//
//   open ──restart pending──▶ closed: new requests wait, running ones finish ──▶ alone: one empty
//   request restarts ──▶ open.   Not all finished in time: open again, PHP runs uncached, next try
//   later.
//
// What keeps opcache from restarting by itself is a tiny helper process that holds a read lock on
// its lock file; it ends when the server does.
#pragma once

#include "runtime/php/state.h"

namespace rr::php {

// Process-wide, once, right after module startup (the helper is forked). Without opcache: does
// nothing.
void restart_gate_start(const log::Logger& log);
void restart_gate_stop();
// Once all extensions are there, before threads copy the function table.
void restart_gate_replace_functions();
// Called, from an interpreter's thread, when worker scripts must leave so that opcache can restart.
void restart_gate_on_drain(void (*drain)(void* context), void* context);

// Around everything in which an interpreter touches PHP: a request in classic mode, a worker
// script's life.
void restart_gate_enter(State& state) noexcept;
void restart_gate_leave(State& state) noexcept;
// Inside a request, at its start: looks now and then whether a restart is pending. May bail out.
void restart_gate_look(State& state);
// Whether a worker script should leave for a restart.
bool restart_gate_pending() noexcept;
// Outside: restarts opcache when one is pending. On an interpreter's thread, not between enter and
// leave.
void restart_gate_serve(State& state) noexcept;

// An interpreter comes and goes.
void restart_gate_join(State& state);
void restart_gate_part(State& state);

// opcache restarts done here so far.
std::uint64_t restart_gate_count_for_test();
bool restart_gate_on_for_test();

}  // namespace rr::php
