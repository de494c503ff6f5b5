// What /proc says of a process.
#include "runtime/pool/process/process_stats.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>

#include <gtest/gtest.h>

namespace rr::pool {
namespace {

TEST(ProcessStats, MemoryAndCpuOfAProcess) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(30);
  while (std::chrono::steady_clock::now() < end) {
  }
  const ProcessStats stats = process_stats(getpid());
  // The kernel counts pages in batches.
  EXPECT_NEAR(static_cast<double>(stats.resident_bytes),
              static_cast<double>(MemoryGauge().read(getpid())), 2e6);
  EXPECT_GT(stats.resident_bytes, 1U << 20);
  EXPECT_GT(stats.cpu_percent, 0);
}

TEST(ProcessStats, ANameMayLookLikeFields) {
  int told[2];
  ASSERT_EQ(pipe(told), 0);
  const pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_NAME, ") S 1 2 (3) 4");
    (void)!write(told[1], "", 1);
    pause();
    _exit(0);
  }
  char byte;
  ASSERT_EQ(read(told[0], &byte, 1), 1);
  const ProcessStats stats = process_stats(child);
  EXPECT_NEAR(static_cast<double>(stats.resident_bytes),
              static_cast<double>(MemoryGauge().read(child)), 2e6);
  EXPECT_LE(stats.cpu_percent, 100);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  const ProcessStats gone = process_stats(child);
  EXPECT_EQ(gone.resident_bytes, 0u);
  EXPECT_EQ(gone.cpu_percent, 0);
  close(told[0]);
  close(told[1]);
}

}  // namespace
}  // namespace rr::pool
