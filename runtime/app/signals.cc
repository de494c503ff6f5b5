#include "runtime/app/signals.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <mutex>
#include <utility>

namespace rr::app {

sigset_t Signals::handled() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : {SIGINT, SIGTERM, SIGQUIT, SIGABRT, SIGHUP, SIGUSR1, SIGUSR2})
    sigaddset(&set, signal);
  return set;
}

struct Signals::State {
  pid_t guardian = 0;
  std::mutex mutex;  // guards queue, both numbers of stops and the two functions
  std::condition_variable changed;
  std::deque<Signal> queue;
  int stops = 0;
  bool stop_queued = false;
  std::function<void()> last_words;
  std::function<void()> give_up;
  std::atomic<bool> ending{false};
  std::thread thread;

  void run() {
    const sigset_t set = handled();
    for (;;) {
      siginfo_t info{};
      const int signal = sigwaitinfo(&set, &info);
      if (signal < 0) continue;
      // finish() sends this one; others that came before it count.
      if (signal == SIGUSR1 && ending.load(std::memory_order_acquire)) return;
      std::lock_guard lock(mutex);
      if (signal == SIGHUP) {
        queue.push_back(Signal::reset);
      } else if (signal == SIGUSR1) {
        queue.push_back(Signal::reopen_logs);
      } else if (signal == SIGUSR2) {
        queue.push_back(Signal::restart);
      } else {
        if (guardian == 0 || info.si_pid == guardian) ++stops;
        if (stops > 1) {
          std::puts("exit forced");
          std::fflush(stdout);
          if (last_words) last_words();
          _exit(1);
        }
        if (give_up) give_up();
        if (!std::exchange(stop_queued, true)) queue.push_back(Signal::stop);
      }
      changed.notify_all();
    }
  }
};

Signals::Signals(pid_t guardian) : state_(std::make_unique<State>()) {
  state_->guardian = guardian;
  const sigset_t set = handled();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);  // a client that left is an error of write()
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

Signals::~Signals() {
  finish();
}

void Signals::finish() {
  if (!state_->thread.joinable()) return;
  state_->ending.store(true, std::memory_order_release);
  pthread_kill(state_->thread.native_handle(), SIGUSR1);
  state_->thread.join();
}

Signal Signals::wait() {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(lock, [&] { return !state_->queue.empty(); });
  const Signal signal = state_->queue.front();
  state_->queue.pop_front();
  return signal;
}

bool Signals::stop_wanted() const {
  std::lock_guard lock(state_->mutex);
  return state_->stop_queued;
}

void Signals::on_forced_exit(std::function<void()> last_words) {
  std::lock_guard lock(state_->mutex);
  state_->last_words = std::move(last_words);
}

void Signals::post(Signal signal) {
  std::lock_guard lock(state_->mutex);
  state_->queue.push_back(signal);
  state_->changed.notify_all();
}

void Signals::while_starting(std::function<void()> give_up) {
  std::lock_guard lock(state_->mutex);
  state_->give_up = std::move(give_up);
}

void Signals::started() {
  while_starting({});
}

}  // namespace rr::app
