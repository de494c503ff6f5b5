#include "runtime/app/guardian/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "runtime/app/signals.h"

namespace rr::app::guardian {
namespace {

Error system_error(const std::string& what) {
  return Error(Errc::io, "", what + ": " + std::strerror(errno));
}

// Everything the child needs, prepared before it exists.
struct Boot {
  const char* program;
  const char* folder;
  char* const* arguments;
  char* const* environment;
  const std::vector<int>* inherited;
  sigset_t blocked;
  int report;  // close-on-exec: end of file says that the program runs
};

[[noreturn]] void give_up(const Boot& boot) {
  const int reason = errno;
  [[maybe_unused]] const auto written = ::write(boot.report, &reason, sizeof reason);
  ::_exit(127);
}

// In the child, which shares the parent's memory: system calls only.
[[noreturn]] void become_server(const Boot& boot) {
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction action {};
    if (::sigaction(number, nullptr, &action) != 0 || action.sa_handler == SIG_DFL) continue;
    // Ignored signals stay so, but for the one that a server ignores for its own sake.
    if (action.sa_handler == SIG_IGN && number != SIGPIPE) continue;
    struct sigaction standard {};
    standard.sa_handler = SIG_DFL;
    ::sigaction(number, &standard, nullptr);
  }
  ::sigprocmask(SIG_SETMASK, &boot.blocked, nullptr);
  ::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
  for (const int descriptor : *boot.inherited) ::fcntl(descriptor, F_SETFD, 0);
  if (::chdir(boot.folder) != 0) give_up(boot);
  ::execve(boot.program, boot.arguments, boot.environment);
  give_up(boot);
}

// Not inlined: the frame that calls vfork must not be left before the child has executed its
// program.
[[gnu::noinline]] pid_t start_child(const Boot& boot) {
  const pid_t pid = ::vfork();
  if (pid == 0) become_server(boot);
  return pid;
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> all;
  all.reserve(words.size() + 1);
  for (const std::string& word : words) all.push_back(const_cast<char*>(word.c_str()));
  all.push_back(nullptr);
  return all;
}

std::vector<std::string> environment_of(const Program& program, const char* variable, int channel,
                                        const std::vector<net::KeptSockets::Socket>& sockets) {
  std::vector<std::string> all = program.environment;
  all.push_back(std::string(variable) + "=" + std::to_string(channel));
  if (!sockets.empty()) {
    all.push_back(std::string(net::KeptSockets::kVariable) + "=" +
                  net::KeptSockets::hand_over(sockets));
  }
  return all;
}

}  // namespace

Result<Executable> Executable::open(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!file) return system_error("open " + path);
  return Executable(path, std::move(file));
}

Result<Executable> Executable::of_process(const std::string& path) {
  auto self = open("/proc/self/exe");
  if (self) self->path_ = path;
  return self;
}

std::string Executable::path() const {
  struct stat named {};
  struct stat opened {};
  const bool same = ::stat(path_.c_str(), &named) == 0 && ::fstat(file_.get(), &opened) == 0 &&
                    named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
  return same ? path_ : "/proc/self/fd/" + std::to_string(file_.get());
}

Result<Spawned> spawn(const Program& program, const Executable& executable, const char* variable,
                      const std::vector<net::KeptSockets::Socket>& sockets) {
  auto ends = Channel::pair();
  if (!ends) return std::move(ends).error();
  auto& [ours, theirs] = *ends;
  int report_ends[2];
  if (::pipe2(report_ends, O_CLOEXEC) != 0) return system_error("pipe");
  Descriptor report(report_ends[0]);
  Descriptor reporting(report_ends[1]);

  const std::string file = executable.path();
  const auto variables = environment_of(program, variable, theirs.descriptor(), sockets);
  const auto arguments = pointers(program.argv);
  const auto environment = pointers(variables);
  std::vector<int> inherited{theirs.descriptor()};
  for (const auto& socket : sockets) inherited.push_back(socket.descriptor);
  const Boot boot{.program = file.c_str(),
                  .folder = program.folder.c_str(),
                  .arguments = arguments.data(),
                  .environment = environment.data(),
                  .inherited = &inherited,
                  .blocked = Signals::handled(),
                  .report = reporting.get()};

  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = start_child(boot);
  const int fork_error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) {
    errno = fork_error;
    return system_error("fork");
  }
  reporting.reset();
  int reason = 0;
  ssize_t got;
  do {
    got = ::read(report.get(), &reason, sizeof reason);
  } while (got < 0 && errno == EINTR);
  if (got == sizeof reason) {
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    errno = reason;
    return system_error("start " + program.path + " in " + program.folder);
  }
  return Spawned{pid, std::move(ours)};
}

}  // namespace rr::app::guardian
