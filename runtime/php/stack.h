// Where a script is: written down by its own thread.
#pragma once

#include "runtime/php/state.h"

namespace rr::php {

// The thread's own, at a safe point inside the script (`frame`: the innermost one) or, without a
// frame, when it goes to wait for work: answers whoever has asked. Runs no engine code.
void answer_stack_asks(State& state, zend_execute_data* frame) noexcept;

}  // namespace rr::php
