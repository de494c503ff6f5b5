// What the kernel says of a process.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "runtime/pool/process/descriptor.h"

namespace rr::pool {

// All 0 when there is no such process.
struct ProcessStats {
  std::uint64_t resident_bytes = 0;
  // CPU time since its start as a share of the time since then, in percent of one CPU.
  double cpu_percent = 0;
};
// Opens, reads and closes one file: some microseconds.
ProcessStats process_stats(pid_t pid);

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
