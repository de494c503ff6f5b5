// Numbers of threads, for what is kept by thread.
#pragma once

#include <cstddef>

namespace rr {

// A small number of the calling thread, from 0. Those of threads that have ended are given out
// again: the first ones are in use, and with few threads no two share one modulo a small size.
std::size_t thread_number();

}  // namespace rr
