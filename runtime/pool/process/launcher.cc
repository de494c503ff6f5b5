#include "runtime/pool/process/launcher.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "runtime/pool/process/reaper.h"

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

namespace rr::pool {
namespace {

// As Go words it: lower case.
Error system_error(std::string what) {
  std::string text = std::strerror(errno);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] + 32);
  return Error(Errc::io, "", std::move(what) + ": " + text);
}

struct Pipe {
  Descriptor read;
  Descriptor write;
};

// Both ends are above 2: the child moves them onto 0, 1 and 2 without stepping on one another.
bool above_stdio(Descriptor& end) {
  if (end.get() > 2) return true;
  const int moved = fcntl(end.get(), F_DUPFD_CLOEXEC, 3);
  if (moved < 0) return false;
  end.reset(moved);
  return true;
}

bool open_pipe(Pipe& pipe) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return false;
  pipe.read.reset(ends[0]);
  pipe.write.reset(ends[1]);
  return above_stdio(pipe.read) && above_stdio(pipe.write);
}

// The child's ends of /dev/null in place of pipes.
bool open_nothing(Pipe& in, Pipe& out) {
  in.read.reset(open("/dev/null", O_RDONLY | O_CLOEXEC));
  out.write.reset(open("/dev/null", O_WRONLY | O_CLOEXEC));
  return in.read && out.write && above_stdio(in.read) && above_stdio(out.write);
}

void set_nonblocking(const Descriptor& fd) {
  if (!fd) return;
  fcntl(fd.get(), F_SETFL, fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
}

bool is_program(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && access(path.c_str(), X_OK) == 0;
}

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> all;
  all.reserve(strings.size() + 1);
  for (const auto& string : strings) all.push_back(const_cast<char*>(string.c_str()));
  all.push_back(nullptr);
  return all;
}

// Everything the child needs, prepared before it exists.
struct Boot {
  const char* program;
  char* const* arguments;
  char* const* environment;
  const char* folder;  // null: where the server is
  bool may_stay;
  const RunAs* run_as;
  int in;
  int out;
  int errors;
  int reaper;  // hears of the new group; -1: nobody does
  int report;  // close-on-exec: end of file tells the parent that the program runs
  pid_t parent;
};

[[noreturn]] void give_up(const Boot& boot) {
  const int reason = errno;
  [[maybe_unused]] const auto written = write(boot.report, &reason, sizeof reason);
  _exit(127);
}

// In the child, which may share the parent's memory: async-signal-safe calls only, and raw system
// calls for the ids, because the library's versions signal every thread of the process.
[[noreturn]] void become_worker(const Boot& boot) {
  setpgid(0, 0);
  if (boot.reaper >= 0) {
    // While SIGPIPE is ignored: it may be gone.
    const pid_t group = getpid();
    [[maybe_unused]] const auto written = write(boot.reaper, &group, sizeof group);
  }
  // A handler must not run here. Ignored signals stay ignored but for SIGPIPE, which the server
  // ignores for its own sake, and those that stop it, which it takes whoever had them ignored (a
  // script that starts it with &).
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction action {};
    if (sigaction(number, nullptr, &action) != 0) continue;
    const bool ours =
        number == SIGPIPE || number == SIGINT || number == SIGTERM || number == SIGQUIT;
    if (action.sa_handler == SIG_DFL || (action.sa_handler == SIG_IGN && !ours)) continue;
    struct sigaction standard {};
    standard.sa_handler = SIG_DFL;
    sigaction(number, &standard, nullptr);
  }
  if (dup2(boot.in, 0) < 0 || dup2(boot.out, 1) < 0 || dup2(boot.errors, 2) < 0) give_up(boot);
  // For libraries that forget the flag.
  syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
  if (boot.folder && chdir(boot.folder) != 0 && !boot.may_stay) give_up(boot);
  if (boot.run_as) {
    if (syscall(SYS_setgroups, 0, nullptr) != 0 || syscall(SYS_setgid, boot.run_as->group) != 0 ||
        syscall(SYS_setuid, boot.run_as->user) != 0) {
      give_up(boot);
    }
  }
  // After the ids: changing them takes it away again.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != boot.parent) _exit(127);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execve(boot.program, boot.arguments, boot.environment);
  give_up(boot);
}

// Not inlined: the frame that calls vfork must not be left before the child has executed its
// program.
[[gnu::noinline]] pid_t start_child(const Boot& boot) {
  const pid_t pid = vfork();
  if (pid == 0) become_worker(boot);
  return pid;
}

bool needs_change(const LaunchPlan& plan) {
  return plan.run_as && (geteuid() != plan.run_as->user || getegid() != plan.run_as->group);
}

}  // namespace

Result<std::string> find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const char* path = std::getenv("PATH");
  std::string_view rest = path ? path : "/usr/local/bin:/usr/bin:/bin";
  while (!rest.empty()) {
    const auto colon = rest.find(':');
    std::string candidate(rest.substr(0, colon));
    rest = colon == std::string_view::npos ? std::string_view{} : rest.substr(colon + 1);
    candidate.append(candidate.empty() ? "./" : "/").append(name);
    if (is_program(candidate)) return candidate;
  }
  std::string text = "exec: \"";
  text.append(name).append("\": executable file not found in $PATH");
  return Error(Errc::not_found, "", std::move(text));
}

Result<Child> launch(const LaunchPlan& plan) {
  if (plan.command.empty()) return Error(Errc::invalid, "", "command should not be empty");
  auto program = find_program(plan.command[0]);
  if (!program) return std::move(program).error();

  Pipe in, out, errors, report;
  using Streams = LaunchPlan::Streams;
  const bool opened =
      plan.streams == Streams::frames ? open_pipe(in) && open_pipe(out) : open_nothing(in, out);
  if (!opened || !open_pipe(errors) || !open_pipe(report)) return system_error("pipe");
  const auto arguments = pointers(plan.command);
  const auto environment = pointers(plan.environment);
  const Boot boot{.program = program->c_str(),
                  .arguments = arguments.data(),
                  .environment = environment.data(),
                  .folder = plan.folder.empty() ? nullptr : plan.folder.c_str(),
                  .may_stay = plan.may_stay,
                  .run_as = needs_change(plan) ? &*plan.run_as : nullptr,
                  .in = in.read.get(),
                  .out = plan.streams == Streams::output ? errors.write.get() : out.write.get(),
                  .errors = errors.write.get(),
                  .reaper = plan.reaper ? plan.reaper->descriptor() : -1,
                  .report = report.write.get(),
                  .parent = getpid()};

  // No signal handler may run in the child while it shares our memory.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = start_child(boot);
  const int fork_error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) {
    errno = fork_error;
    return system_error("fork/exec " + *program);
  }

  report.write.reset();
  int reason = 0;
  ssize_t got;
  do {
    got = read(report.read.get(), &reason, sizeof reason);
  } while (got < 0 && errno == EINTR);
  if (got == sizeof reason) {
    while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    errno = reason;
    return system_error("fork/exec " + *program);
  }

  Child child;
  child.pid = pid;
  child.pidfd.reset(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!child.pidfd) {
    auto error = system_error("pidfd_open");
    kill(pid, SIGKILL);
    while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    return error;
  }
  child.to_child = std::move(in.write);
  child.from_child = std::move(out.read);
  child.errors = std::move(errors.read);
  set_nonblocking(child.to_child);
  set_nonblocking(child.from_child);
  set_nonblocking(child.errors);
  return child;
}

Result<void> become(const RunAs& who) {
  if (geteuid() == who.user && getegid() == who.group) return {};
  if (setgroups(0, nullptr) != 0 || setgid(who.group) != 0 || setuid(who.user) != 0) {
    return system_error("setuid");
  }
  // Changing the user makes the process undumpable; /proc would show it as root's.
  prctl(PR_SET_DUMPABLE, 1);
  return {};
}

Result<RunAs> find_user(const std::string& name) {
  std::vector<char> text(16384);
  passwd entry{};
  passwd* found = nullptr;
  const int failed = getpwnam_r(name.c_str(), &entry, text.data(), text.size(), &found);
  if (failed != 0 || !found) return Error(Errc::not_found, "", "user: unknown user " + name);
  return RunAs{.user = entry.pw_uid, .group = entry.pw_gid};
}

}  // namespace rr::pool
