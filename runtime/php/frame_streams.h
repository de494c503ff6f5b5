// STDIN, STDOUT and STDERR of a worker script, so that any goridge worker runs unchanged: streams
// in memory that carry frames (spec 01 §10.3, 08 §3.6). Reading waits for the next exchange; what
// is written is taken apart into the frames of its answer. STDERR and php://stderr go to the log.
#pragma once

#include "runtime/php/state.h"

namespace rr::php {

// Process-wide, once, before threads: php://stdin, stdout and stderr are these streams too, every
// other php:// path stays PHP's own.
void replace_php_wrapper();

// Defines the constants for the script that is about to run. May bail out.
void define_standard_streams(State& state);
// The script is over and its request shut down.
void forget_standard_streams(State& state) noexcept;

}  // namespace rr::php
