// Signals of the server as messages: a thread of their own waits for them.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <functional>
#include <memory>
#include <thread>

namespace rr::app {

enum class Signal {
  stop,
  restart,
  reset,
  reopen_logs,
  leave,  // no signal: another server has taken over
};

// Blocks the server's signals in the calling thread, and so in every thread it starts afterwards:
// make one before any other thread. Main thread.
class Signals {
 public:
  // `guardian`: who passes stop signals on, 0: nobody. Of others one is as good as many then,
  // because a terminal or a service manager signals parent and server alike.
  explicit Signals(pid_t guardian = 0);
  ~Signals();  // finish()

  // Blocks until a signal comes. A second stop signal ends the process at once: `exit forced`, code
  // 1, after `last_words`.
  Signal wait();
  // A stop signal has come. Any thread.
  bool stop_wanted() const;
  // Both are called on the signals' thread. `last_words` before the process ends by force;
  // `give_up` for a stop signal that comes before started(), when nobody waits yet: it ends the
  // process.
  void on_forced_exit(std::function<void()> last_words);
  void while_starting(std::function<void()> give_up);
  void started();

  // As if it had come. Any thread.
  void post(Signal signal);
  // What is blocked.
  static sigset_t handled();

  // Takes no more signals. Those that come stay pending: for the next program of this process.
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rr::app
