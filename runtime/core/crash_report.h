// What a thread was doing when the process dies of a signal: a line on stderr and a message to
// whoever watches the process, written by the signal handler.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rr::crash {

// Handles SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT: reports, then lets the signal do what it
// does by default. `socket`: a connected packet socket that gets `first` and then three lines:
// thread, script, request; -1: none. Main thread, once. Builds with a sanitizer have their own
// reports: nothing happens.
void install(int socket, char first);

// What the calling thread works at. Views: whoever sets one clears it before its bytes go. A few
// stores; the handler runs on the same thread.
struct Work {
  const char* script = nullptr;
  const char* method = nullptr;
  const char* target = nullptr;
  std::uint32_t script_size = 0;
  std::uint32_t method_size = 0;
  std::uint32_t target_size = 0;
  char thread[24] = {};  // "worker 3"; empty: no name
};
inline constinit thread_local Work work;

inline void set_script(std::string_view path) {
  work.script_size = 0;
  std::atomic_signal_fence(std::memory_order_release);
  work.script = path.data();
  std::atomic_signal_fence(std::memory_order_release);
  work.script_size = static_cast<std::uint32_t>(path.size());
}

inline void clear_request() {
  work.target_size = work.method_size = 0;
  std::atomic_signal_fence(std::memory_order_release);
}

inline void set_request(std::string_view method, std::string_view target) {
  clear_request();
  work.method = method.data();
  work.target = target.data();
  std::atomic_signal_fence(std::memory_order_release);
  work.method_size = static_cast<std::uint32_t>(method.size());
  work.target_size = static_cast<std::uint32_t>(target.size());
}

// For as long as it lives the calling thread has a name for reports, and a stack on which a report
// can be written when its own has overflowed.
class Thread {
 public:
  explicit Thread(std::string_view name);
  ~Thread();
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

 private:
  void* stack_ = nullptr;
};

}  // namespace rr::crash
