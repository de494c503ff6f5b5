#include "runtime/core/crash_report.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace rr::crash {
namespace {

struct Seen {
  int status = 0;
  std::string on_stderr;
  std::string message;
};

// Runs it in a process of its own, which it should end.
Seen crash(const std::function<void()>& act) {
  std::array<int, 2> ends{};
  std::array<int, 2> pipe{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends.data()), 0);
  EXPECT_EQ(::pipe(pipe.data()), 0);
  const pid_t pid = ::fork();
  if (pid == 0) {
    const rlimit none{};
    ::setrlimit(RLIMIT_CORE, &none);
    ::dup2(pipe[1], STDERR_FILENO);
    install(ends[1], 'd');
    act();
    ::_exit(0);
  }
  ::close(pipe[1]);
  ::close(ends[1]);
  Seen seen;
  std::array<char, 8192> bytes;
  for (ssize_t got; (got = ::read(pipe[0], bytes.data(), bytes.size())) > 0;)
    seen.on_stderr.append(bytes.data(), static_cast<std::size_t>(got));
  if (const ssize_t got = ::recv(ends[0], bytes.data(), bytes.size(), 0); got > 0)
    seen.message.assign(bytes.data(), static_cast<std::size_t>(got));
  ::waitpid(pid, &seen.status, 0);
  ::close(pipe[0]);
  ::close(ends[0]);
  return seen;
}

// Uses up the stack, whatever the compiler thinks of it.
[[gnu::noinline]] int overflow(volatile int* depth) {
  std::array<volatile char, 4096> frame;
  frame[0] = static_cast<char>(*depth);
  *depth = *depth + 1;
  return *depth == 0 ? 0 : overflow(depth) + frame[0];
}

class CrashReport : public ::testing::Test {
 protected:
  void SetUp() override {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "sanitizers have their own reports";
#endif
  }
};

TEST_F(CrashReport, NamesThreadScriptAndRequestOfAStackThatHasOverflowed) {
  const Seen seen = crash([] {
    std::thread([] {
      const Thread named("worker 3");
      set_script("/app/worker.php");
      set_request("GET", "/deep?x=1");
      volatile int depth = 0;
      overflow(&depth);
    }).join();
  });
  ASSERT_TRUE(WIFSIGNALED(seen.status));
  EXPECT_EQ(WTERMSIG(seen.status), SIGSEGV);
  EXPECT_EQ(seen.on_stderr,
            "rr-embed: signal 11 (SIGSEGV) in worker 3, script /app/worker.php, GET /deep?x=1\n");
  EXPECT_EQ(seen.message, "dworker 3\n/app/worker.php\nGET /deep?x=1");
}

TEST_F(CrashReport, SaysWhatItKnows) {
  const Seen seen = crash([] {
    set_request("GET", "/over");
    clear_request();
    ::abort();
  });
  ASSERT_TRUE(WIFSIGNALED(seen.status));
  EXPECT_EQ(WTERMSIG(seen.status), SIGABRT);
  EXPECT_EQ(seen.on_stderr, "rr-embed: signal 6 (SIGABRT) in the main thread\n");
  EXPECT_EQ(seen.message, "dthe main thread\n\n");
}

TEST_F(CrashReport, OfASignalThatWasSentEndsTheProcess) {
  const Seen seen = crash([] {
    ::kill(::getpid(), SIGSEGV);
    ::pause();
  });
  ASSERT_TRUE(WIFSIGNALED(seen.status));
  EXPECT_EQ(WTERMSIG(seen.status), SIGSEGV);
}

TEST_F(CrashReport, AClientWritesNoLinesOfItsOwn) {
  const Seen seen = crash([] {
    const std::string target = "/\r\n\x1b[31mfake" + std::string(5000, 'x');
    set_request("GET", target);
    ::raise(SIGBUS);
  });
  EXPECT_EQ(seen.on_stderr.find('\x1b'), std::string::npos);
  EXPECT_EQ(seen.on_stderr.find('\n'), seen.on_stderr.size() - 1);
  EXPECT_LT(seen.on_stderr.size(), 1500U);
}

}  // namespace
}  // namespace rr::crash
