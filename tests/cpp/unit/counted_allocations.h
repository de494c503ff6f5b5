// For tests that something allocates nothing: counted_allocations.cc, in a test program's sources,
// puts a counting operator new in place of the usual one.
#pragma once

#include <cstddef>

namespace rr::testing {

// Of the calling thread, so far.
std::size_t counted_allocations();

}  // namespace rr::testing
