// Ends scripts that run too long: exec_ttl by the VM's interrupt, max_execution_time as CPU time.
#pragma once

#include "runtime/php/state.h"

namespace rr::php {

// Process-wide, once, after module startup: chains zend_interrupt_function and gives the cancel
// signal an empty handler.
void install_interrupt_handler();

// On a new interpreter thread: setting max_execution_time only notes the limit, no timer is armed.
void watch_time_limit_setting(State& state);
// A new measure begins: request start.
void arm_time_limit(State& state) noexcept;
void disarm_time_limit(State& state) noexcept;

}  // namespace rr::php
