// Functions of PHP that act on the whole process and would reach other threads: replaced by ones
// that act on the calling interpreter (spec 08 §6.1).
#pragma once

#include "runtime/php/state.h"

namespace rr::php {

// Process-wide, in MINIT: the functions are replaced once all extensions are there and before
// threads copy the function table.
void overrides_install();

// A new interpreter thread: umask and working directory become its own where the kernel lets it.
void overrides_join(State& state) noexcept;

// Environment as a script of this thread sees it: putenv() over the pool's over the process's.
// Null: not set.
const char* environment_get(State* state, std::string_view name) noexcept;
void environment_fill(State& state, HashTable* table);

// What a request (or a worker script's whole life) changed is undone: locale, putenv.
void overrides_reset(State& state) noexcept;
// A script's life is over / the interpreter goes.
void overrides_forget(State& state) noexcept;
void overrides_part(State& state) noexcept;
// A worker script's state before its first request is what later requests begin with.
void overrides_keep(State& state) noexcept;

}  // namespace rr::php
