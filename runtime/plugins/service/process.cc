#include "runtime/plugins/service/process.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace rr::service {

namespace {

constexpr std::size_t kChunk = 32 * 1024;  // of output, as RoadRunner reads it
constexpr int kChunksInATurn = 16;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\n\v\f\r";
  const auto begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

// As Go words it: lower case.
std::string signal_text(int number) {
  std::string text = ::strsignal(number);
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

}  // namespace

Process::Process(boost::asio::io_context& control, const pool::LaunchPlan& plan,
                 const ServiceConfig& config, pool::Reaper& reaper, Logger log)
    : control_(control),
      plan_(plan),
      config_(config),
      reaper_(reaper),
      log_(log),
      bell_(control),
      over_(control, TimePoint::max()),
      exit_(control),
      output_(control) {}

Result<void> Process::start() {
  if (auto launched = launch(); !launched) return launched;
  is_over_ = false;
  boost::asio::co_spawn(control_, run(), [this](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);  // our own bug: ends the process
    is_over_ = true;
    over_.cancel();
  });
  return {};
}

void Process::stop(TimePoint kill_at) {
  const bool first = !std::exchange(stopping_, true);
  if (first && running_) signal(SIGINT);
  kill_at_ = std::min({kill_at_, kill_at, Clock::now() + config_.timeout_stop_sec});
  ring();
}

Task<void> Process::over() {
  if (!is_over_) co_await over_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

Result<void> Process::launch() {
  auto child = pool::launch(plan_);
  if (!child) return std::move(child).error();
  pid_ = child->pid;
  running_ = output_open_ = true;
  kill_at_ = config_.exec_timeout > Duration::zero() ? Clock::now() + config_.exec_timeout
                                                     : TimePoint::max();
  exit_.assign(child->pidfd.release());
  output_.assign(child->errors.release());
  watch_exit();
  watch_output();
  return {};
}

// ---------------------------------------------------------------- one after another

Task<void> Process::run() {
  for (;;) {
    co_await until_ended();
    report();
    const TimePoint again = Clock::now() + config_.restart_sec;
    if (!config_.remain_after_exit) co_return;
    while (!stopping_ && Clock::now() < again) co_await until(again);
    if (stopping_) co_return;
    if (auto launched = launch(); !launched) {
      log_.error("process start error", kv("error", launched.error().text()));
      co_return;
    }
  }
}

// Ends with nothing of the process left and no handler outstanding. As in RoadRunner a process that
// has left its output to others is not done before they are, unless it is to stop.
Task<void> Process::until_ended() {
  while (running_ || (output_open_ && !stopping_)) {
    co_await until(running_ ? kill_at_ : TimePoint::max());
    if (running_ && Clock::now() >= kill_at_) {
      kill_at_ = TimePoint::max();
      signal(SIGKILL);
    }
  }
  // What it has started must not outlive the service.
  if (stopping_) ::kill(-pid_, SIGKILL);
  if (output_open_) read_output();  // what was said last
  if (output_.is_open()) output_.close();
  exit_.close();
  while (outstanding_ > 0) co_await until(TimePoint::max());
  reaper_.left(pid_);
}

Task<void> Process::until(TimePoint when) {
  bell_.expires_at(when);
  co_await bell_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

void Process::report() const {
  std::string how;
  if (WIFSIGNALED(exit_status_)) {
    how = "signal: " + signal_text(WTERMSIG(exit_status_));
    if (WCOREDUMP(exit_status_)) how += " (core dumped)";
  } else if (WEXITSTATUS(exit_status_) != 0) {
    how = "exit status " + std::to_string(WEXITSTATUS(exit_status_));
  }
  if (!how.empty()) log_.error("wait", kv("error", how));
}

// ---------------------------------------------------------------- watching

void Process::watch_exit() {
  ++outstanding_;
  exit_.async_wait(Descriptor::wait_read, [this](boost::system::error_code error) {
    --outstanding_;
    if (!error) exited();
    ring();
  });
}

void Process::exited() {
  pid_t reaped;
  do {
    reaped = ::waitpid(pid_, &exit_status_, WNOHANG);
  } while (reaped < 0 && errno == EINTR);
  // Asio may hand a new descriptor an event of the one that had its place before.
  if (reaped == 0) return watch_exit();
  running_ = false;
}

void Process::watch_output() {
  ++outstanding_;
  output_.async_wait(Descriptor::wait_read, [this](boost::system::error_code error) {
    --outstanding_;
    if (!error && output_.is_open()) {
      read_output();
      if (output_open_) watch_output();
    }
    ring();
  });
}

// What is there, up to a limit: others are on this thread, too. A chunk is a record.
void Process::read_output() {
  static thread_local std::array<char, kChunk> chunk;
  for (int i = 0; i < kChunksInATurn; ++i) {
    const ssize_t got = ::read(output_.native_handle(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return;
    if (got == 0) {
      output_open_ = false;
      return;
    }
    log_.info(trimmed({chunk.data(), static_cast<std::size_t>(got)}));
  }
}

// Through the descriptor: the number may belong to another process one day.
void Process::signal(int number) const {
  ::syscall(SYS_pidfd_send_signal, const_cast<Descriptor&>(exit_).native_handle(), number, nullptr,
            0);
}

}  // namespace rr::service
