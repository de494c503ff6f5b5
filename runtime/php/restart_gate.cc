#include "runtime/php/restart_gate.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "runtime/php/sapi.h"

namespace rr::php {
namespace {

using namespace std::chrono_literals;

constexpr auto kLookEvery = 100ms;  // while requests come
constexpr auto kCloseAtMost = 1s;   // how long new requests wait for running ones to finish
constexpr auto kRetryFirst = 2s;
constexpr auto kRetryLast = 60s;

struct Gate {
  bool on = false;
  log::Logger log;  // a copy: the engine outlives whoever started it
  std::atomic<bool> closed{false};
  std::atomic<bool> pending{false};
  std::atomic<bool> look_now{false};
  std::atomic<std::int64_t> next_look{0};  // of Clock
  std::atomic<std::int64_t> next_try{0};
  std::atomic<std::uint64_t> restarts{0};

  std::mutex serving;  // one thread restarts; guards retry
  Clock::duration retry = kRetryFirst;

  std::mutex states_mutex;  // guards states
  std::vector<State*> states;

  int helper = -1;  // socket
  pid_t helper_pid = -1;
  void (*drain)(void*) = nullptr;
  void* drain_context = nullptr;
};
Gate gate;

std::int64_t ticks(TimePoint time) {
  return time.time_since_epoch().count();
}

// ---- the helper

// opcache's lock file among our descriptors; -1 without.
int find_lock_file() {
  DIR* folder = opendir("/proc/self/fd");
  if (!folder) return -1;
  int found = -1;
  while (dirent* entry = readdir(folder)) {
    char path[64], target[512];
    snprintf(path, sizeof(path), "/proc/self/fd/%s", entry->d_name);
    ssize_t size = readlink(path, target, sizeof(target) - 1);
    if (size <= 0) continue;
    target[size] = '\0';
    if (std::strstr(target, ".ZendSem.") || std::strstr(target, "opcache_lock"))
      found = std::atoi(entry->d_name);
  }
  closedir(folder);
  return found;
}

void lock_file(int file, short type) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = 1;
  lock.l_len = 1;
  while (fcntl(file, F_SETLKW, &lock) == -1 && errno == EINTR) {
  }
}

// The child: system calls only, for other threads of the server may have held locks when it was
// forked.
[[noreturn]] void run_helper(int socket, int file) {
  for (int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE})
    signal(number, SIG_IGN);
  prctl(PR_SET_NAME, "rr-opcache-lock");
  // Everything else is the server's: listeners, pipes, log files.
  const int low = std::min(socket, file), high = std::max(socket, file);
  const auto close_from = [](unsigned first, unsigned last) {
    syscall(SYS_close_range, first, last, 0);
  };
  if (low > 0) close_from(0, static_cast<unsigned>(low) - 1);
  if (high > low + 1) close_from(static_cast<unsigned>(low) + 1, static_cast<unsigned>(high) - 1);
  close_from(static_cast<unsigned>(high) + 1, ~0U);
  lock_file(file, F_RDLCK);
  char word = 'R';
  do {
    if (write(socket, &word, 1) != 1) break;
    ssize_t got;
    while ((got = read(socket, &word, 1)) == -1 && errno == EINTR) {
    }
    if (got != 1) break;
    lock_file(file, word == 'U' ? F_UNLCK : F_RDLCK);
  } while (true);
  _exit(0);
}

bool start_helper() {
  const int file = find_lock_file();
  if (file < 0) return false;
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return false;
  const pid_t pid = fork();
  if (pid < 0) {
    close(ends[0]);
    close(ends[1]);
    return false;
  }
  if (pid == 0) run_helper(ends[1], file);
  close(ends[1]);
  gate.helper = ends[0];
  gate.helper_pid = pid;
  char ready;
  ssize_t got;
  while ((got = read(gate.helper, &ready, 1)) == -1 && errno == EINTR) {
  }
  return got == 1;
}

bool tell_helper(char word) {
  if (gate.helper < 0) return false;
  if (send(gate.helper, &word, 1, MSG_NOSIGNAL) != 1) return false;
  char done;
  ssize_t got;
  while ((got = recv(gate.helper, &done, 1, 0)) == -1 && errno == EINTR) {
  }
  return got == 1;
}

void stop_helper() {
  if (gate.helper >= 0) close(gate.helper);
  gate.helper = -1;
  if (gate.helper_pid > 0) waitpid(gate.helper_pid, nullptr, 0);
  gate.helper_pid = -1;
}

// ---- opcache_reset()

zif_handler opcache_reset = nullptr;

extern "C" void reset_and_look(INTERNAL_FUNCTION_PARAMETERS) {
  opcache_reset(INTERNAL_FUNCTION_PARAM_PASSTHRU);
  gate.look_now.store(true, std::memory_order_relaxed);
}

// ---- the restart

bool all_out() {
  std::lock_guard lock(gate.states_mutex);
  return std::all_of(gate.states.begin(), gate.states.end(), [](const State* state) {
    return state->gate_active.load(std::memory_order_seq_cst) == 0;
  });
}

extern "C" void empty_request(void* argument) {
  State& state = *static_cast<State*>(argument);
  state.style = Style::none;
  SG(request_info).request_method = nullptr;
  SG(request_info).content_type = nullptr;
  SG(server_context) = &state;
#ifdef ZEND_MAX_EXECUTION_TIMERS
  EG(pid) = getpid();  // see before_startup() in interpreter.cc
#endif
  if (php_request_startup() == SUCCESS) php_request_shutdown(nullptr);
}

}  // namespace

void restart_gate_replace_functions() {
  auto* function = static_cast<zend_function*>(
      zend_hash_str_find_ptr(CG(function_table), "opcache_reset", sizeof("opcache_reset") - 1));
  if (!function) return;
  opcache_reset = function->internal_function.handler;
  function->internal_function.handler = reset_and_look;
}

void restart_gate_start(const log::Logger& log) {
  gate.log = log;
  if (!opcache_reset || find_lock_file() < 0) return;
  if (!start_helper()) {
    stop_helper();
    log.warn("opcache restarts cannot be held back: no helper process");
    return;
  }
  gate.on = true;
}

void restart_gate_stop() {
  gate.on = false;
  stop_helper();
}

void restart_gate_on_drain(void (*drain)(void*), void* context) {
  gate.drain = drain;
  gate.drain_context = context;
}

void restart_gate_join(State& state) {
  std::lock_guard lock(gate.states_mutex);
  gate.states.push_back(&state);
}

void restart_gate_part(State& state) {
  std::lock_guard lock(gate.states_mutex);
  std::erase(gate.states, &state);
}

void restart_gate_enter(State& state) noexcept {
  for (;;) {
    // Dekker with restart_gate_serve(): one of the two sees the other.
    state.gate_active.store(1, std::memory_order_seq_cst);
    if (!gate.closed.load(std::memory_order_seq_cst)) return;
    state.gate_active.store(0, std::memory_order_seq_cst);
    gate.closed.wait(true, std::memory_order_acquire);
  }
}

void restart_gate_leave(State& state) noexcept {
  state.gate_active.store(0, std::memory_order_seq_cst);
}

bool restart_gate_pending() noexcept {
  return gate.pending.load(std::memory_order_relaxed);
}

void restart_gate_look(State& state) {
  if (!gate.on || gate.pending.load(std::memory_order_relaxed)) return;
  const std::int64_t now = ticks(state.request ? state.request->received : Clock::now());
  std::int64_t due = gate.next_look.load(std::memory_order_relaxed);
  if (now < due && !gate.look_now.load(std::memory_order_relaxed)) return;
  if (!gate.next_look.compare_exchange_strong(
          due, now + std::chrono::duration_cast<Clock::duration>(kLookEvery).count()))
    return;
  gate.look_now.store(false, std::memory_order_relaxed);
  auto* function = static_cast<zend_function*>(zend_hash_str_find_ptr(
      CG(function_table), "opcache_get_status", sizeof("opcache_get_status") - 1));
  if (!function) return;
  zval status, scripts;
  ZVAL_FALSE(&scripts);
  ZVAL_UNDEF(&status);
  zend_call_known_function(function, nullptr, nullptr, &status, 1, &scripts, nullptr);
  if (Z_TYPE(status) == IS_ARRAY) {
    zval* pending =
        zend_hash_str_find(Z_ARRVAL(status), "restart_pending", sizeof("restart_pending") - 1);
    if (pending && Z_TYPE_P(pending) == IS_TRUE)
      gate.pending.store(true, std::memory_order_release);
  }
  zval_ptr_dtor(&status);
}

void restart_gate_serve(State& state) noexcept {
  if (!gate.on || !gate.pending.load(std::memory_order_acquire)) return;
  if (ticks(Clock::now()) < gate.next_try.load(std::memory_order_relaxed)) return;
  std::unique_lock serving(gate.serving, std::try_to_lock);
  if (!serving || !gate.pending.load(std::memory_order_acquire)) return;

  gate.closed.store(true, std::memory_order_seq_cst);
  if (gate.drain) gate.drain(gate.drain_context);
  const TimePoint until = Clock::now() + kCloseAtMost;
  bool out;
  while (!(out = all_out()) && Clock::now() < until) {
    timespec pause{0, 200'000};
    nanosleep(&pause, nullptr);
  }
  if (out) {
    bool unlocked = tell_helper('U');
    run_guarded(empty_request, &state);
    if (!unlocked || !tell_helper('L')) {
      // Died. A new one is forked here: it makes system calls only.
      stop_helper();
      if (!start_helper())
        gate.log.error("the helper process that holds opcache's lock cannot be started again");
    }
    gate.pending.store(false, std::memory_order_release);
    gate.retry = kRetryFirst;
    gate.restarts.fetch_add(1, std::memory_order_relaxed);
    gate.log.info("opcache restarted");
  } else {
    gate.next_try.store(ticks(Clock::now() + gate.retry), std::memory_order_relaxed);
    gate.retry = std::min<Clock::duration>(gate.retry * 2, kRetryLast);
    gate.log.warn(
        "opcache waits for long requests to end before it restarts; scripts run uncached "
        "meanwhile");
  }
  gate.closed.store(false, std::memory_order_seq_cst);
  gate.closed.notify_all();
}

bool restart_gate_on_for_test() {
  return gate.on;
}
std::uint64_t restart_gate_count_for_test() {
  return gate.restarts.load();
}

}  // namespace rr::php
