// What the kernel says of a process.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "runtime/pool/process/descriptor.h"

namespace rr::pool {

// RSS; 0 when there is no such process.
std::uint64_t resident_bytes(pid_t pid);
// CPU time since its start as a share of the time since then, in percent of one CPU.
double cpu_percent(pid_t pid);

// Reads the RSS of one process again and again at the price of one system call each: the file in
// /proc stays open. One thread.
class MemoryGauge {
 public:
  // 0 when the process is gone.
  std::uint64_t read(pid_t pid);
  // Before the number may belong to another process.
  void close() { file_.reset(); }

 private:
  Descriptor file_;
};

}  // namespace rr::pool
