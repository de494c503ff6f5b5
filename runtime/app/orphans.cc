#include "runtime/app/orphans.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace rr::app {
namespace {

using namespace std::chrono_literals;

constexpr auto kBetweenLooks = 2s;
constexpr auto kPatience = 1s;

// Of every thread: a process that is inherited belongs to any of them.
std::vector<pid_t> children() {
  std::vector<pid_t> all;
  std::error_code gone;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task", gone)) {
    std::ifstream file(thread.path() / "children");
    for (pid_t pid = 0; file >> pid;) all.push_back(pid);
  }
  return all;
}

bool has_ended(pid_t pid) {
  siginfo_t info{};
  return waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == pid;
}

}  // namespace

Orphans::Orphans(asio::any_io_executor control) : tasks_(std::move(control)) {
  if (getpid() == 1) tasks_.spawn(watch());
}

Orphans::~Orphans() {
  tasks_.cancel();
  tasks_.join(std::chrono::steady_clock::now() + kPatience);
}

Task<void> Orphans::watch() {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (;;) {
    timer.expires_after(kBetweenLooks);
    co_await timer.async_wait(asio::use_awaitable);
    look();
  }
}

void Orphans::look() {
  std::vector<pid_t> ended;
  for (const pid_t pid : children()) {
    if (!has_ended(pid)) continue;
    if (std::ranges::find(seen_, pid) == seen_.end()) {
      ended.push_back(pid);
    } else {
      waitpid(pid, nullptr, WNOHANG);
    }
  }
  seen_ = std::move(ended);
}

}  // namespace rr::app
