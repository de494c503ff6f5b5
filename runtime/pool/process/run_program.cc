#include "runtime/pool/process/run_program.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <string>

#include "runtime/pool/process/line_splitter.h"
#include "runtime/pool/process/reaper.h"

namespace rr::pool {
namespace {

using OnLine = std::function<void(std::string_view)>;

// False: the other end is closed.
bool read_output(const Child& child, LineSplitter& lines, const OnLine& on_line) {
  std::array<char, 16 * 1024> bytes;
  for (;;) {
    const ssize_t got = ::read(child.errors.get(), bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got < 0;
    lines.feed({bytes.data(), static_cast<std::size_t>(got)}, on_line);
  }
}

// Until the program has exited. False: it was killed.
bool wait_for_exit(const Child& child, TimePoint deadline, const OnLine& on_line) {
  LineSplitter lines;
  bool open = true;
  bool in_time = true;
  std::array<pollfd, 2> wanted{pollfd{.fd = child.pidfd.get(), .events = POLLIN, .revents = 0},
                               pollfd{.fd = child.errors.get(), .events = POLLIN, .revents = 0}};
  while ((wanted[0].revents & POLLIN) == 0) {
    if (in_time && Clock::now() >= deadline) {
      in_time = false;
      kill(-child.pid, SIGKILL);  // and what it has started
    }
    // What it has left behind may hold the pipe open: it is not waited for.
    wanted[1].fd = open ? child.errors.get() : -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    const int timeout = in_time ? static_cast<int>(std::clamp<long>(left.count(), 0, 60'000)) : -1;
    if (poll(wanted.data(), wanted.size(), timeout) < 0) continue;
    if (wanted[1].revents != 0) open = read_output(child, lines, on_line);
  }
  if (open) read_output(child, lines, on_line);
  lines.flush(on_line);
  return in_time;
}

}  // namespace

Result<void> run_program(LaunchPlan plan, Reaper* reaper, TimePoint deadline,
                         std::string_view too_late, const OnLine& on_line) {
  plan.streams = LaunchPlan::Streams::output;
  plan.reaper = reaper;
  auto child = launch(plan);
  if (!child) return std::move(child).error();
  const bool in_time = wait_for_exit(*child, deadline, on_line);
  int status = 0;
  while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (reaper != nullptr) reaper->left(child->pid);
  if (!in_time) return Error(Errc::io, "", std::string(too_late));
  if (WIFSIGNALED(status)) {
    return Error(Errc::io, "", "signal: " + std::to_string(WTERMSIG(status)));
  }
  if (WEXITSTATUS(status) != 0) {
    return Error(Errc::io, "", "exit status " + std::to_string(WEXITSTATUS(status)));
  }
  return {};
}

}  // namespace rr::pool
