// Random delays. The test programs of this folder are linked with --wrap for the system calls that
// the data plane makes: each of them then waits a little at random, and sends are cut short.
#pragma once

#include <cstdint>
#include <random>

namespace rr::net::testing {

// Seeds the calling thread's numbers: the test's seed and who the thread is.
void seed_thread(std::uint64_t seed, std::uint64_t thread);
std::mt19937_64& random_numbers();
// 0 ≤ result < below.
std::uint64_t draw(std::uint64_t below);
inline bool one_in(std::uint64_t chances) {
  return draw(chances) == 0;
}

// Of this run: RR_SEED, else a new one.
std::uint64_t run_seed();
// RR_LONG=1: minutes in place of seconds.
bool runs_long();

// Delays of all threads from here on: about one call in `one_in_calls` waits. 0: none.
void set_jitter(unsigned one_in_calls);
bool jitters();
// Mostly nothing; now and then a yield, or some ten or hundred microseconds.
void jitter();

}  // namespace rr::net::testing
