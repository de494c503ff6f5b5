#include "runtime/php/limits.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>

#include "runtime/php/stack.h"

namespace rr::php {
namespace {

void (*next_interrupt_function)(zend_execute_data*) = nullptr;

int cancel_signal() {
  return SIGRTMIN + 3;
}  // SIGRTMIN is the engine's

extern "C" void interrupt(zend_execute_data* frame) {
  State* state = current_state();
  if (state && state->limits.cancel.load(std::memory_order_acquire)) {
    state->limits.cancel.store(false, std::memory_order_relaxed);
    state->interrupted = true;
    if (!EG(exception)) zend_throw_unwind_exit();
  }
  if (state && state->asked.load(std::memory_order_acquire)) answer_stack_asks(*state, frame);
  if (next_interrupt_function) next_interrupt_function(frame);
}

extern "C" void on_cancel_signal(int) {}

// The socket that a thread waits for in the kernel, -1 when it waits for something else. It may go
// on meanwhile; callers have tried to stop it otherwise first.
int socket_waited_for(int thread_id) {
  char path[64];
  snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", thread_id);
  std::FILE* file = std::fopen(path, "re");
  if (!file) return -1;
  long number = -1;
  unsigned long first = 0, second = 0;
  const int fields = std::fscanf(file, "%ld %lx %lx", &number, &first, &second);
  std::fclose(file);
  if (fields < 3) return -1;
  int descriptor = -1;
  switch (number) {
    case SYS_read:
    case SYS_recvfrom:
    case SYS_recvmsg:
    case SYS_connect:
      descriptor = static_cast<int>(first);
      break;
#ifdef SYS_poll
    case SYS_poll:
#endif
    case SYS_ppoll: {
      if (second != 1) return -1;
      // By the kernel: the thread may have left the call and its stack frame.
      pollfd waited{};
      iovec here{&waited, sizeof(waited)}, there{reinterpret_cast<void*>(first), sizeof(waited)};
      if (process_vm_readv(getpid(), &here, 1, &there, 1, 0) != sizeof(waited)) return -1;
      descriptor = waited.fd;
      break;
    }
    default:
      return -1;
  }
  struct stat info {};
  return descriptor >= 0 && fstat(descriptor, &info) == 0 && S_ISSOCK(info.st_mode) ? descriptor
                                                                                    : -1;
}

ZEND_INI_MH(on_time_limit) {
  EG(timeout_seconds) = ZEND_STRTOL(ZSTR_VAL(new_value), nullptr, 10);
  State* state = current_state();
  if (state && stage != PHP_INI_STAGE_DEACTIVATE && stage != PHP_INI_STAGE_STARTUP) {
    arm_time_limit(*state);
  }
  return SUCCESS;
}

}  // namespace

void install_interrupt_handler() {
  next_interrupt_function = zend_interrupt_function;
  zend_interrupt_function = interrupt;
  struct sigaction action {};
  action.sa_handler = on_cancel_signal;  // no SA_RESTART: sleep() and flock() return
  sigemptyset(&action.sa_mask);
  sigaction(cancel_signal(), &action, nullptr);
}

void watch_time_limit_setting(State&) {
  auto* entry = static_cast<zend_ini_entry*>(zend_hash_str_find_ptr(
      EG(ini_directives), "max_execution_time", sizeof("max_execution_time") - 1));
  if (entry) entry->on_modify = on_time_limit;
}

void arm_time_limit(State& state) noexcept {
  std::int64_t before = state.limits.seconds.load(std::memory_order_relaxed);
  std::int64_t seconds = EG(timeout_seconds) > 0 ? EG(timeout_seconds) : 0;
  state.limits.seconds.store(seconds, std::memory_order_relaxed);
  state.limits.epoch.fetch_add(1, std::memory_order_release);
  if (seconds && (before == 0 || seconds < before)) {
    state.work.note_time_limit(Clock::now() + std::chrono::seconds(seconds));
  }
}

void disarm_time_limit(State& state) noexcept {
  state.limits.epoch.fetch_add(1, std::memory_order_release);
}

void Interpreter::interrupt(int stage) {
  std::lock_guard lock(state_->slot_mutex);
  if (!state_->attached) return;
  if (!state_->limits.in_script.load(std::memory_order_acquire)) return;
  state_->limits.cancel.store(true, std::memory_order_release);
  if (stage >= 2) {
    state_->interrupted_hard.store(true, std::memory_order_relaxed);
    zend_atomic_bool_store_ex(&state_->executor->timed_out, true);
  }
  zend_atomic_bool_store_ex(&state_->executor->vm_interrupt, true);
  if (stage >= 1) pthread_kill(state_->thread, cancel_signal());
  if (stage >= 2) {
    // PHP's streams and database libraries go on waiting after a signal; they take a peer that is
    // gone.
    if (int waited = socket_waited_for(state_->thread_id); waited >= 0)
      ::shutdown(waited, SHUT_RDWR);
  }
}

TimePoint Interpreter::check_time_limit(TimePoint now) {
  using namespace std::chrono_literals;
  Limits& limits = state_->limits;
  std::lock_guard lock(state_->slot_mutex);
  if (!state_->attached || !limits.in_script.load(std::memory_order_acquire))
    return TimePoint::max();
  std::int64_t seconds = limits.seconds.load(std::memory_order_relaxed);
  if (seconds <= 0) return TimePoint::max();
  std::uint32_t epoch = limits.epoch.load(std::memory_order_acquire);
  clockid_t clock;
  timespec cpu{};
  if (pthread_getcpuclockid(state_->thread, &clock) != 0 || clock_gettime(clock, &cpu) != 0) {
    return now + 1s;
  }
  std::int64_t used = cpu.tv_sec * 1'000'000'000LL + cpu.tv_nsec;
  if (epoch != limits.seen_epoch) {
    // Armed since the last look: counts from here. A script gets at most one round more than its
    // limit.
    limits.seen_epoch = epoch;
    limits.base_cpu_ns = used;
  }
  std::int64_t left = seconds * 1'000'000'000LL - (used - limits.base_cpu_ns);
  if (left > 0) return now + std::chrono::nanoseconds(left);
  limits.seen_epoch = epoch;
  limits.base_cpu_ns = used;  // once per arming: shutdown functions get the same time again
  zend_atomic_bool_store_ex(&state_->executor->timed_out, true);
  zend_atomic_bool_store_ex(&state_->executor->vm_interrupt, true);
  return now + std::chrono::seconds(seconds);
}

}  // namespace rr::php
