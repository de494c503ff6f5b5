// `stop`: sends SIGTERM to the process of the .pid file in the working directory.
#include <signal.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "runtime/cli/command.h"
#include "runtime/cli/output.h"
#include "runtime/core/config/files.h"
#include "runtime/core/config/numbers.h"

namespace rr::cli {

namespace {

constexpr const char* kFile = ".pid";
constexpr const char* kHint =
    ", to create a .pid file, you must run RR with the following options: './rr serve -p'";

pid_t read_pid() {
  std::string text;
  try {
    text = config::read_file(kFile);
  } catch (const ConfigError& e) {
    throw ConfigError({}, std::string(e.what()) + kHint, {});
  }
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  const auto [pid, error] = config::parse_int(digits ? text : "");
  if (error != config::NumberError::none || pid <= 0 || pid > 0x7FFFFFFF) {
    throw ConfigError({"rr_stop"},
                      "the .pid file holds no process ID: \"" + text.substr(0, 100) + "\"", {});
  }
  return static_cast<pid_t>(pid);
}

void terminate(pid_t pid) {
  if (::kill(pid, SIGTERM) == 0) return;
  throw ConfigError({"rr_stop"},
                    errno == ESRCH ? "os: process already finished" : config::system_text(errno),
                    {});
}

}  // namespace

int run_stop(const Invocation& invocation) {
  const pid_t pid = read_pid();
  if (!invocation.globals.silent) print_dated("stopping process with PID: " + std::to_string(pid));
  terminate(pid);
  if (invocation.globals.force) {
    // The second signal makes it leave at once.
    std::this_thread::sleep_for(std::chrono::seconds(1));
    ::kill(pid, SIGTERM);
  }
  return 0;
}

}  // namespace rr::cli
