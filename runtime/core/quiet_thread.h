// Threads that take no signals: those are for the thread that waits for them.
#pragma once

#include <csignal>
#include <functional>
#include <thread>

namespace rr {

// Starts a thread with all signals blocked from its first instruction on. Any thread.
inline std::thread quiet_thread(std::function<void()> run) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(std::move(run));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace rr
