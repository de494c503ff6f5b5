#include "runtime/app/lint.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include "rr/exchange.h"
#include "runtime/app/php_command.h"
#include "runtime/pool/process/environment.h"

namespace rr::app {
namespace {

using namespace std::chrono_literals;

constexpr Duration kTime = 10s;             // for one file
constexpr std::size_t kMostOutput = 65536;  // that is looked at

// The program with the settings before the script: "php -d x=y -c dir worker.php queue".
std::vector<std::string> program_of(const std::vector<std::string>& command) {
  std::vector<std::string> words{command.front()};
  for (std::size_t at = 1; at < command.size() && command[at].starts_with("-"); ++at) {
    const std::string& word = command[at];
    if (word == "-n") words.push_back(word);
    if (!word.starts_with("-d") && !word.starts_with("-c")) continue;
    words.push_back(word);
    if (word.size() == 2 && at + 1 < command.size()) words.push_back(command[++at]);
  }
  for (const char* word : {"-d", "display_errors=1", "-d", "log_errors=0", "-d", "html_errors=0"})
    words.emplace_back(word);
  return words;
}

std::string output_of(pool::Child& child) {
  const TimePoint deadline = Clock::now() + kTime;
  std::string output;
  for (;;) {
    pollfd wanted{.fd = child.errors.get(), .events = POLLIN, .revents = 0};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) break;
    if (::poll(&wanted, 1, static_cast<int>(left.count())) <= 0) continue;
    std::array<char, 4096> bytes;
    const ssize_t got = ::read(child.errors.get(), bytes.data(), bytes.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) break;
    if (output.size() < kMostOutput) output.append(bytes.data(), static_cast<std::size_t>(got));
  }
  return output;
}

// Exit status; -1: it did not end by itself.
int reap(const pool::Child& child, pool::Reaper& reaper) {
  pollfd wanted{.fd = child.pidfd.get(), .events = POLLIN, .revents = 0};
  if (::poll(&wanted, 1, 1000) <= 0) ::kill(-child.pid, SIGKILL);
  int status = 0;
  while (::waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
  }
  reaper.left(child.pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// "PHP Parse error:  syntax error, unexpected … in /app/a.php on line 3"
std::string error_in(const std::string& output) {
  std::size_t begin = 0;
  while (begin < output.size()) {
    const std::size_t end = std::min(output.find('\n', begin), output.size());
    const std::string line = output.substr(begin, end - begin);
    if (line.find(" on line ") != std::string::npos) return line;
    begin = end + 1;
  }
  return output.empty() ? "PHP does not compile it" : output.substr(0, output.find('\n'));
}

}  // namespace

std::optional<std::vector<std::string>> lint(const std::vector<std::string>& command,
                                             const std::optional<pool::RunAs>& run_as,
                                             pool::Reaper& reaper,
                                             const std::vector<std::string>& files) {
  if (command.empty() || !is_php_binary(command.front())) return std::nullopt;
  pool::LaunchPlan plan;
  for (const auto& [name, value] : pool::own_environment())
    plan.environment.push_back(name + "=" + value);
  plan.run_as = run_as;
  plan.streams = pool::LaunchPlan::Streams::output;
  plan.reaper = &reaper;
  std::vector<std::string> errors;
  for (const std::string& file : files) {
    plan.command = program_of(command);
    plan.command.insert(plan.command.end(), {"-l", file});
    auto child = pool::launch(plan);
    if (!child) return std::nullopt;
    const std::string output = output_of(*child);
    errors.push_back(reap(*child, reaper) > 0 ? error_in(output) : "");
  }
  return errors;
}

}  // namespace rr::app
