// What is left of workers when their server has gone.
#include "runtime/pool/process/reaper.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "runtime/pool/process/launcher.h"

namespace rr::pool {
namespace {

using namespace std::chrono_literals;

// Orphans become children of the test, which can so wait for each of them.
class ReaperTest : public testing::Test {
 protected:
  ReaperTest() { prctl(PR_SET_CHILD_SUBREAPER, 1); }
  ~ReaperTest() override { prctl(PR_SET_CHILD_SUBREAPER, 0); }

  // A process that starts a reaper and `command` in a shell, does `rest` once that has written
  // something, and then waits to be killed.
  template <class Rest>
  static pid_t start_server(const std::string& command, Rest&& rest) {
    std::array<int, 2> ready{};
    EXPECT_EQ(pipe(ready.data()), 0);
    const pid_t server = fork();
    if (server == 0) {
      auto reaper = Reaper::start();
      LaunchPlan plan;
      plan.command = {"/bin/sh", "-c", command};
      plan.environment = {"PATH=/usr/bin:/bin"};
      plan.reaper = &*reaper;
      auto child = launch(plan);
      if (!reaper || !child) _exit(1);
      char byte = 0;
      while (read(child->from_child.get(), &byte, 1) != 1) std::this_thread::sleep_for(1ms);
      rest(*reaper, *child);
      (void)!write(ready[1], "r", 1);
      for (;;) pause();
    }
    close(ready[1]);
    char byte = 0;
    EXPECT_EQ(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return server;
  }
  // How many processes end within ten seconds; all there are, or those of a test that fails.
  static int wait_for_all() {
    const auto limit = std::chrono::steady_clock::now() + 10s;
    int ended = 0;
    while (std::chrono::steady_clock::now() < limit) {
      const pid_t pid = waitpid(-1, nullptr, WNOHANG);
      if (pid < 0) return ended;
      if (pid > 0) {
        ++ended;
      } else {
        std::this_thread::sleep_for(1ms);
      }
    }
    ADD_FAILURE() << "somebody is still there";
    return ended;
  }
};

TEST_F(ReaperTest, AServerThatIsKilledLeavesNobody) {
  const pid_t server = start_server("sleep 30 & echo; exec sleep 30", [](Reaper&, const Child&) {});
  kill(server, SIGKILL);
  EXPECT_EQ(wait_for_all(), 4) << "server, reaper, worker and what the worker had started";
}

TEST_F(ReaperTest, AGroupThatOutlivesItsLeaderEndsWithTheServer) {
  const pid_t server =
      start_server("sleep 30 > /dev/null & echo", [](Reaper& reaper, const Child& child) {
        while (waitpid(child.pid, nullptr, 0) < 0) {
        }
        reaper.left(child.pid);
      });
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), 0) << "as long as the server runs it stays";
  kill(server, SIGKILL);
  EXPECT_EQ(wait_for_all(), 3);
}

TEST_F(ReaperTest, WhatLeavesTheGroupIsNoneOfItsBusiness) {
  const pid_t server =
      start_server("setsid sleep 2 & echo; exec sleep 30",
                   [](Reaper&, const Child&) { std::this_thread::sleep_for(300ms); });
  kill(server, SIGKILL);
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(wait_for_all(), 4);
  EXPECT_GT(std::chrono::steady_clock::now() - began, 1s);
}

}  // namespace
}  // namespace rr::pool
