// What a script printed, on its way to the exchange. All noexcept and free of engine calls, so that
// SAPI callbacks may call it and raise PHP's errors afterwards.
#pragma once

#include "runtime/php/state.h"

namespace rr::php {

// Forgets the answer before the next exchange, keeps the memory (unless it has grown a lot).
void answer_reset(Answer& answer) noexcept;

// Copies status and headers from the engine's list; the engine calls this once, by send_headers.
void answer_take_head(Answer& answer, const sapi_headers_struct& headers) noexcept;

// Another status than the script's: its reason phrase goes.
void answer_drop_reason(Answer& answer) noexcept;

// Adds output. False: the client is gone and nothing more is wanted.
bool answer_write(State& state, const char* bytes, std::size_t size) noexcept;
// Gives everything so far to the client now.
bool answer_flush(State& state) noexcept;
// The answer is complete.
void answer_finish(State& state) noexcept;
// Ends an exchange that has no answer yet with a plain status.
void answer_status(State& state, int status) noexcept;

}  // namespace rr::php
