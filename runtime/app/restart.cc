#include "runtime/app/restart.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "rr/exchange.h"
#include "runtime/net/kept_sockets.h"
#include "runtime/pool/process/run_program.h"

namespace rr::app {
namespace {

using net::KeptSockets;

constexpr auto kProbeTime = std::chrono::seconds(10);
constexpr const char* kProbeFlag = "--probe";
constexpr const char* kUnknownProbe = "unknown flag: --probe";  // RoadRunner's words and ours
constexpr std::size_t kMostOutput = 4000;

Error system_error(const std::string& what) {
  return Error(Errc::io, "", what + ": " + std::strerror(errno));
}

// Runs a program to its end; an error has what it wrote.
Result<void> run(const std::vector<std::string>& command, const std::string& folder) {
  pool::LaunchPlan plan;
  plan.command = command;
  plan.folder = folder;
  for (char** variable = environ; *variable != nullptr; ++variable)
    plan.environment.emplace_back(*variable);
  std::string output;
  auto ran = pool::run_program(std::move(plan), nullptr, Clock::now() + kProbeTime,
                               "it does not end within 10 s", [&](std::string_view line) {
                                 if (output.size() < kMostOutput) output += line;
                               });
  if (ran) return {};
  while (output.ends_with('\n')) output.pop_back();
  return Error(Errc::io, "",
               command[0] + ": " + ran.error().text() + (output.empty() ? "" : ": " + output));
}

}  // namespace

Result<void> can_restart(const Program& program) {
  std::vector<std::string> command = program.argv;
  command[0] = program.executable();
  command.emplace_back(kProbeFlag);
  auto probed = run(command, program.folder);
  const bool unknown = !probed && probed.error().message.find(kUnknownProbe) != std::string::npos;
  return unknown ? run({command[0], "-v"}, program.folder) : probed;
}

Error exec_again(const Program& program) {
  const auto sockets = KeptSockets::of_process().all();
  setenv(KeptSockets::kVariable, KeptSockets::hand_over(sockets).c_str(), 1);
  if (!program.folder.empty() && chdir(program.folder.c_str()) != 0)
    return system_error("chdir " + program.folder);
  // For libraries that forget the flag.
  syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
  for (const auto& socket : sockets) fcntl(socket.descriptor, F_SETFD, 0);
  std::vector<char*> argv;
  for (const std::string& word : program.argv) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const std::string file = program.executable();
  execv(file.c_str(), argv.data());
  return system_error("exec " + file);
}

bool is_restarted() {
  return std::getenv(KeptSockets::kVariable) != nullptr;
}

}  // namespace rr::app
