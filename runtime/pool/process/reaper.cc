#include "runtime/pool/process/reaper.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace rr::pool {
namespace {

constexpr std::size_t kMostGroups = 16384;

// The reaper's own memory: nothing may be allocated after fork().
pid_t groups[kMostGroups];
std::size_t group_count = 0;

// Positive: a group that has come; negative: one that has gone.
void note(pid_t record) {
  const pid_t group = record < 0 ? -record : record;
  std::size_t place = 0;
  while (place < group_count && groups[place] != group) ++place;
  if (record < 0) {
    if (place < group_count) groups[place] = groups[--group_count];
  } else if (place == group_count && group_count < kMostGroups) {
    groups[group_count++] = group;
  }
}

// The process. Async-signal-safe calls only.
[[noreturn]] void keep_watch(int pipe) {
  setsid();
  prctl(PR_SET_NAME, "rr-reaper");
  [[maybe_unused]] const int changed = chdir("/");
  dup2(pipe, 0);
  syscall(SYS_close_range, 1U, ~0U, 0U);
  for (;;) {
    std::array<pid_t, 1024> records;
    const ssize_t got = read(0, records.data(), sizeof records);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    const auto count = static_cast<std::size_t>(got) / sizeof(pid_t);
    std::for_each_n(records.begin(), count, note);
  }
  std::for_each_n(groups, group_count, [](pid_t group) { kill(-group, SIGKILL); });
  _exit(0);
}

}  // namespace

Result<Reaper> Reaper::start() {
  signal(SIGPIPE, SIG_IGN);
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return Error(Errc::io, "", std::string("pipe: ") + std::strerror(errno));
  }
  Descriptor read(ends[0]), write(ends[1]);
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // for the reaper: it heeds no signal
  // Twice, so that it is nobody's child here and nobody need wait for it.
  const pid_t between = fork();
  if (between == 0) {
    if (fork() == 0) keep_watch(read.get());
    _exit(0);
  }
  const int fork_error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (between < 0) return Error(Errc::io, "", std::string("fork: ") + std::strerror(fork_error));
  while (waitpid(between, nullptr, 0) < 0 && errno == EINTR) {
  }
  return Reaper(std::move(write));
}

void Reaper::left(pid_t group) {
  std::erase_if(leaderless_, [this](pid_t other) { return forget_if_empty(other); });
  if (!forget_if_empty(group)) leaderless_.push_back(group);
}

bool Reaper::forget_if_empty(pid_t group) {
  // As long as somebody is in it no other process can get the number.
  if (kill(-group, 0) == 0 || errno != ESRCH) return false;
  const pid_t record = -group;
  [[maybe_unused]] const auto written = write(pipe_.get(), &record, sizeof record);
  return true;
}

}  // namespace rr::pool
