#include "runtime/pool/process/worker_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <random>
#include <system_error>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "runtime/pool/process/reaper.h"
#include "runtime/pool/process/relay.h"

namespace rr::pool {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr Duration kStopTimeout = 10s;   // between the stop frame and SIGKILL
constexpr Duration kExitTime = 100ms;    // for a process that has closed its output
constexpr Duration kLineTime = 100ms;    // for the rest of a line on stderr
constexpr Duration kDrainTimeout = 2s;   // for the rest of a message that is no frame
constexpr Duration kFirstPause = 100ms;  // before a worker that did not come up is tried again
constexpr Duration kLongestPause = 1s;
constexpr Duration kShortLife = 1s;  // a worker that ends sooner, without a job, counts as failed
constexpr std::size_t kErrorChunk = 64 * 1024;
constexpr std::size_t kLastLines = 20;

constexpr const char* kAllocateTimeout =
    "failed to spawn a worker, possible reasons: "
    "https://docs.roadrunner.dev/error-codes/allocate-timeout";

std::int64_t unix_now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK;
}

}  // namespace

WorkerProcess::WorkerProcess(asio::io_context& control, const ProcessOptions& options,
                             PipeWorker& pipes, Owner& owner)
    : control_(control),
      options_(options),
      pipes_(pipes),
      owner_(owner),
      bell_(control),
      line_timer_(control),
      exit_(control),
      errors_(control),
      from_worker_(control) {}

// ---------------------------------------------------------------- what the owner wants

void WorkerProcess::begin() {
  single_ = false;
  spawn_run();
}

void WorkerProcess::serve_one(ExchangePtr exchange) {
  single_ = true;
  exchange_ = std::move(exchange);
  spawn_run();
}

void WorkerProcess::spawn_run() {
  ending_ = renew_ = retry_now_ = abandon_ = busy_at_end_ = overdue_ = false;
  pause_ = Duration::zero();
  asio::co_spawn(control_, run(), [this](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);  // our own bug: ends the process
    owner_.ended(*this);
  });
}

void WorkerProcess::renew() {
  if (joined_) return retire(WorkerState::invalid);
  // One that is starting may have read the old code already.
  renew_ = !exited_;
  retry_now_ = true;
  ring();
}

void WorkerProcess::end() {
  ending_ = true;
  if (joined_) retire(WorkerState::destroyed);
  ring();
}

void WorkerProcess::retire(WorkerState why) {
  // Only what waits for work is marked: a busy worker shows that it is busy until it is done.
  if (why != WorkerState::destroyed && pipes_.status().state() == WorkerState::ready) {
    pipes_.status().become(why);
  }
  retiring_ = true;
  pipes_.wish(PipeWorker::kRetire);
}

void WorkerProcess::stop_now(Duration grace, Abandon abandon) {
  kill_at_ = std::min(kill_at_, Clock::now() + grace);
  abandon_ = abandon_ || abandon == Abandon::yes;
  busy_at_end_ = busy_at_end_ || (abandon == Abandon::yes && joined_);
  if (joined_) pipes_.wish(PipeWorker::kStopNow);
  ring();
}

void WorkerProcess::left(Departure departure, const std::string& note) {
  joined_ = false;
  if (!note.empty()) {
    options_.log.warn("worker is replaced", kv("pid", pid_), kv("reason", note));
  }
  if (departure == Departure::kill) {
    kill();
  } else {
    expected_ = true;
    kill_at_ = std::min(kill_at_, Clock::now() + kStopTimeout);
  }
  ring();
}

void WorkerProcess::supervise(TimePoint now) {
  if (!joined_ || retiring_) return;
  const WorkerStatus& status = pipes_.status();
  const std::chrono::nanoseconds used(status.last_used_ns.load(std::memory_order_relaxed));
  const WorkerUse use{.state = status.state(), .began = began_, .last_used = TimePoint(used)};
  std::uint64_t memory = 0;
  const WorkerState reached =
      limit_reached(options_.limits, use, now, [&] { return memory = memory_.read(pid_); });
  if (reached == WorkerState::inactive) return;
  options_.events.reached(reached, pid_, memory);
  retire(reached);
}

// ---------------------------------------------------------------- one process after another

asio::awaitable<void> WorkerProcess::run() {
  do {
    retry_now_ = false;
    Result<void> up = co_await bring_up();
    if (up) {
      joined_ = true;
      const std::uint64_t job_limit = draw_job_limit();
      options_.events.ready(pid_, job_limit);
      pipes_.join(from_worker_fd_, to_worker_fd_, job_limit, std::move(exchange_));
      if (!renew_) owner_.came_up(*this);
      if (ending_) {
        retire(WorkerState::destroyed);
      } else if (std::exchange(renew_, false)) {
        retire(WorkerState::invalid);
      }
      co_await until_gone();
    } else {
      if (up.error().message.ends_with("EOF")) {
        co_await give_time_to_exit();
        up.error().message = with_exit_status(std::move(up.error().message));
      }
      kill();
    }
    co_await reap();
    const bool short_lived = Clock::now() - began_ < kShortLife &&
                             pipes_.status().executions.load(std::memory_order_relaxed) == 0;
    if (!up) {
      auto text = with_last_words(std::move(up.error().message));
      owner_.failed_to_start(*this, Error(Errc::worker_allocate, "", std::move(text)));
    } else if (!short_lived) {
      pause_ = Duration::zero();
    }
    if (!up || short_lived) co_await hold_off();
  } while (!ending_ && !single_);
}

asio::awaitable<Result<void>> WorkerProcess::bring_up() {
  began_ = Clock::now();
  last_words_.clear();
  kill_at_ = TimePoint::max();
  pipes_.status().reset(0, 0);
  if (ending_) co_return Error(Errc::stopped, "", "pool is stopped");

  auto child = launch(options_.launch);
  if (!child) co_return std::move(child).error();
  pid_ = child->pid;
  exited_ = killed_ = expected_ = retiring_ = false;
  pipes_.status().reset(pid_, unix_now_ns());
  to_worker_fd_ = child->to_child.release();
  from_worker_fd_ = child->from_child.release();
  exit_.assign(child->pidfd.release());
  errors_.assign(child->errors.release());
  watch_exit();
  watch_errors();

  auto greeted = options_.relay ? greet_over_relay() : greet_over_pipes();
  Result<void> up = co_await std::move(greeted);
  if (!up) co_return up;
  if (ending_) co_return Error(Errc::stopped, "", "pool is stopped");
  if (Clock::now() - began_ >= options_.allocate_timeout) {
    co_return Error(Errc::worker_allocate, "", kAllocateTimeout);
  }
  co_return up;
}

asio::awaitable<Result<void>> WorkerProcess::greet_over_pipes() {
  // Fits into the empty pipe. When the process is gone already, reading will say so.
  const std::string request = pid_request(getpid());
  [[maybe_unused]] const auto written = ::write(to_worker_fd_, request.data(), request.size());

  Handshake handshake;
  from_worker_.assign(from_worker_fd_);
  co_await shake_hands(handshake);
  from_worker_.release();
  if (!handshake.error().empty()) co_return Error(Errc::worker_allocate, "", handshake.error());
  co_return Result<void>{};
}

// The relay has asked for the pid, too, when it gives us the socket.
asio::awaitable<Result<void>> WorkerProcess::greet_over_relay() {
  options_.relay->expect(pid_, options_.allocate_timeout, [this](pool::Descriptor socket) {
    from_worker_fd_ = socket.release();
    ring();
  });
  const TimePoint deadline = began_ + options_.allocate_timeout;
  while (from_worker_fd_ < 0 && !exited_ && !ending_ && Clock::now() < deadline) {
    co_await until(deadline);
  }
  options_.relay->forget(pid_);
  if (from_worker_fd_ >= 0) {
    // Each direction is an object of its own in the reactor.
    to_worker_fd_ = fcntl(from_worker_fd_, F_DUPFD_CLOEXEC, 3);
    if (to_worker_fd_ >= 0) co_return Result<void>{};
    co_return Error(Errc::worker_allocate, "", std::strerror(errno));
  }
  if (exited_) {
    co_return Error(Errc::worker_allocate, "",
                    with_exit_status("the worker ended before it had connected to server.relay"));
  }
  co_return Error(Errc::worker_allocate, "", kAllocateTimeout);
}

// Until the handshake is ready or failed, the time is over, or the pool ends.
asio::awaitable<void> WorkerProcess::shake_hands(Handshake& handshake) {
  TimePoint deadline = began_ + options_.allocate_timeout;
  bool draining = false;
  while (!ending_) {
    char bytes[4096];
    const ssize_t got = ::read(from_worker_fd_, bytes, sizeof bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && would_block()) {
      if (Clock::now() >= deadline) {
        if (draining) handshake.end();
        co_return;
      }
      readable_ = false;
      watch_output();
      while (!readable_ && !ending_ && Clock::now() < deadline) co_await until(deadline);
      continue;
    }
    const auto state =
        got > 0 ? handshake.feed({bytes, static_cast<std::size_t>(got)}) : handshake.end();
    if (state == Handshake::State::ready || state == Handshake::State::failed) co_return;
    if (state == Handshake::State::draining && !draining) {
      draining = true;
      deadline = std::min(deadline, Clock::now() + kDrainTimeout);
    }
  }
}

asio::awaitable<void> WorkerProcess::until_gone() {
  while (joined_ || !exited_) {
    co_await until(kill_at_);
    if (Clock::now() >= kill_at_) {
      kill_at_ = TimePoint::max();
      overdue_ = true;
      kill();
    }
    // Nobody drives a stream whose client is slow; at the end nobody waits for it either.
    if (joined_ && exited_ && abandon_) pipes_.wish(PipeWorker::kAbandon);
  }
}

// One that has closed its output is about to say with which status it ends.
asio::awaitable<void> WorkerProcess::give_time_to_exit() {
  const TimePoint limit = Clock::now() + kExitTime;
  while (!exited_ && !ending_ && Clock::now() < limit) co_await until(limit);
}

// The process is on its way out. Ends with nothing of it left and no handler outstanding.
asio::awaitable<void> WorkerProcess::reap() {
  while (!exited_) co_await until(TimePoint::max());
  if (errors_.is_open()) {
    read_errors();  // what it said last
    errors_.close();
  }
  lines_.flush([this](std::string_view line) { options_.output.info(line); });
  line_timer_.cancel();
  if (exit_.is_open()) exit_.close();
  memory_.close();
  if (from_worker_fd_ >= 0) ::close(std::exchange(from_worker_fd_, -1));
  if (to_worker_fd_ >= 0) ::close(std::exchange(to_worker_fd_, -1));
  pipes_.status().pid.store(0, std::memory_order_release);
  pid_ = 0;
  while (outstanding_ > 0) co_await until(TimePoint::max());
}

asio::awaitable<void> WorkerProcess::hold_off() {
  pause_ = std::clamp(pause_ * 2, kFirstPause, kLongestPause);
  const TimePoint until_then = Clock::now() + pause_;
  while (!ending_ && !single_ && !retry_now_ && Clock::now() < until_then) {
    co_await until(until_then);
  }
}

asio::awaitable<void> WorkerProcess::until(TimePoint when) {
  bell_.expires_at(when);
  co_await bell_.async_wait(asio::as_tuple(asio::use_awaitable));
}

// ---------------------------------------------------------------- watching

void WorkerProcess::watch_exit() {
  ++outstanding_;
  exit_.async_wait(Descriptor::wait_read, [this](boost::system::error_code error) {
    --outstanding_;
    if (!error) exited();
    ring();
  });
}

void WorkerProcess::exited() {
  pid_t reaped;
  do {
    reaped = waitpid(pid_, &exit_status_, WNOHANG);
  } while (reaped < 0 && errno == EINTR);
  // Asio may hand a new descriptor an event of the one that had its place before.
  if (reaped == 0) return watch_exit();
  exited_ = true;
  if (options_.reaper) options_.reaper->left(pid_);
  // Somebody else may hold its pipes open: the data plane would wait for an end that never comes.
  if (joined_) pipes_.wish(PipeWorker::kExited);
  const bool signalled = WIFSIGNALED(exit_status_);
  options_.events.gone(
      "process exited", pid_,
      ending_ || expected_ ? WorkerEvents::Wanted::yes : WorkerEvents::Wanted::no,
      signalled ? kv("signal", WTERMSIG(exit_status_)) : kv("code", WEXITSTATUS(exit_status_)));
}

void WorkerProcess::watch_output() {
  ++outstanding_;
  from_worker_.async_wait(Descriptor::wait_read, [this](boost::system::error_code error) {
    --outstanding_;
    readable_ = true;
    ring();
  });
}

void WorkerProcess::watch_errors() {
  ++outstanding_;
  errors_.async_wait(Descriptor::wait_read, [this](boost::system::error_code error) {
    --outstanding_;
    if (!error && errors_.is_open()) read_errors();
    ring();
  });
}

// Reads what is there and watches on. One line is one record.
void WorkerProcess::read_errors() {
  static thread_local std::array<char, kErrorChunk> chunk;
  for (;;) {
    const ssize_t got = ::read(errors_.native_handle(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) break;
    if (got == 0) return;
    const std::string_view text(chunk.data(), static_cast<std::size_t>(got));
    last_words_.append(text);
    lines_.feed(text, [this](std::string_view line) { options_.output.info(line); });
  }
  if (lines_.unfinished()) flush_line_soon();
  if (!exited_) watch_errors();
}

// The rest of a line usually follows at once; a prompt without a newline is logged all the same.
void WorkerProcess::flush_line_soon() {
  if (std::exchange(line_timer_runs_, true)) return;
  ++outstanding_;
  line_timer_.expires_after(kLineTime);
  line_timer_.async_wait([this](boost::system::error_code) {
    --outstanding_;
    line_timer_runs_ = false;
    lines_.flush([this](std::string_view line) { options_.output.info(line); });
    ring();
  });
}

void WorkerProcess::kill() {
  if (exited_) return;
  killed_ = true;
  // Through the descriptor: the number may belong to another process one day.
  syscall(SYS_pidfd_send_signal, exit_.native_handle(), SIGKILL, nullptr, 0);
}

// How it ended, when that was its own doing.
std::string WorkerProcess::with_exit_status(std::string text) const {
  if (pid_ == 0 || !exited_ || killed_) return text;
  if (WIFSIGNALED(exit_status_)) {
    return text + " (signal " + std::to_string(WTERMSIG(exit_status_)) + ")";
  }
  return text + " (exit status " + std::to_string(WEXITSTATUS(exit_status_)) + ")";
}

std::string WorkerProcess::with_last_words(std::string text) const {
  const auto lines = last_words_.lines(kLastLines);
  if (lines.empty()) return text;
  text += "\nstderr of the worker:\n";
  text += lines;
  return text;
}

// Up to 14 % more than configured, each worker its own, so that they are not all replaced at once.
std::uint64_t WorkerProcess::draw_job_limit() const {
  if (options_.max_jobs == 0 || single_) return 0;
  static thread_local std::minstd_rand random{std::random_device{}()};
  return options_.max_jobs +
         options_.max_jobs * std::uniform_int_distribution<std::uint64_t>(0, 14)(random) / 100;
}

}  // namespace rr::pool
