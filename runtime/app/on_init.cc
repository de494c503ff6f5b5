#include "runtime/app/on_init.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include "rr/exchange.h"
#include "runtime/pool/process/environment.h"
#include "runtime/pool/process/launcher.h"
#include "runtime/pool/process/line_splitter.h"

namespace rr::app {
namespace {

// The server's own variables win over those of the configuration, as in RoadRunner; there are no
// RR_* ones.
std::vector<std::string> environment(const OnInitConfig& config) {
  std::vector<std::string> all;
  const pool::Variables own = pool::own_environment();
  const auto add = [&all](const auto& variable) {
    all.emplace_back(variable.first).append("=").append(variable.second);
  };
  for (const auto& variable : own) add(variable);
  for (const auto& variable : config.env.variables) {
    const bool taken = std::any_of(own.begin(), own.end(), [&variable](const auto& other) {
      return other.first == variable.first;
    });
    if (!taken) add(variable);
  }
  return all;
}

Result<pool::LaunchPlan> plan_of(const OnInitConfig& config) {
  pool::LaunchPlan plan;
  plan.command = config.command.words;
  plan.environment = environment(config);
  plan.streams = pool::LaunchPlan::Streams::output;
  if (!config.user.empty()) {
    auto found = pool::find_user(config.user);
    if (!found) return std::move(found).error();
    plan.run_as = *found;
  }
  return plan;
}

// False: the other end is closed.
bool read_output(const pool::Child& child, pool::LineSplitter& lines, const Logger& log) {
  std::array<char, 16 * 1024> bytes;
  for (;;) {
    const ssize_t got = ::read(child.errors.get(), bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got < 0;
    lines.feed({bytes.data(), static_cast<std::size_t>(got)},
               [&](std::string_view line) { log.info(line); });
  }
}

// Until the program has exited. False: it was killed.
bool wait_for_exit(const pool::Child& child, TimePoint deadline, const Logger& log) {
  pool::LineSplitter lines;
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
    if (wanted[1].revents != 0) open = read_output(child, lines, log);
  }
  if (open) read_output(child, lines, log);
  lines.flush([&](std::string_view line) { log.info(line); });
  return in_time;
}

Result<void> run(const OnInitConfig& config, pool::Reaper& reaper, const Logger& log) {
  auto plan = plan_of(config);
  if (!plan) return std::move(plan).error();
  plan->reaper = &reaper;
  const TimePoint deadline = Clock::now() + config.exec_timeout;
  auto child = pool::launch(*plan);
  if (!child) return std::move(child).error();
  const bool in_time = wait_for_exit(*child, deadline, log);
  int status = 0;
  while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR) {
  }
  reaper.left(child->pid);
  if (!in_time) return Error(Errc::io, "", "startup process has been killed by timeout");
  if (WIFSIGNALED(status)) {
    return Error(Errc::io, "", "signal: " + std::to_string(WTERMSIG(status)));
  }
  if (WEXITSTATUS(status) != 0) {
    return Error(Errc::io, "", "exit status " + std::to_string(WEXITSTATUS(status)));
  }
  return {};
}

}  // namespace

Result<void> run_on_init(const OnInitConfig& config, pool::Reaper& reaper, const Logger& log) {
  auto done = run(config, reaper, log);
  if (!done) log.error("on_init was finished with errors", kv("error", done.error().text()));
  return done;
}

}  // namespace rr::app
