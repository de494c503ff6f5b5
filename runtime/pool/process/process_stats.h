// What the kernel says of a process.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace rr::pool {

// RSS; 0 when there is no such process.
std::uint64_t resident_bytes(pid_t pid);
// CPU time since its start as a share of the time since then, in percent of one CPU.
double cpu_percent(pid_t pid);

}  // namespace rr::pool
