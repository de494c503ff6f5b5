// Signals of the server as messages: a thread of their own waits for them.
#pragma once

#include <functional>
#include <memory>
#include <thread>

namespace rr::app {

enum class Signal { stop, restart, reset, reopen_logs };

// Blocks the server's signals in the calling thread, and so in every thread it starts afterwards:
// make one before any other thread. Main thread.
class Signals {
 public:
  Signals();
  ~Signals();

  // Blocks until a signal comes. A second stop signal ends the process at once: `exit forced`, code
  // 1, after `last_words`.
  Signal wait();
  // A stop signal has come. Any thread.
  bool stop_wanted() const;
  void on_forced_exit(std::function<void()> last_words);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rr::app
