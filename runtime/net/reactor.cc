#include "runtime/net/reactor.h"

#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "runtime/core/read_section.h"

namespace rr::net {
namespace {

enum State : std::uint32_t { kIdle, kBusy, kPending, kClosed };

// How the peer went is part of the word: a late event cannot leave it with the next registration,
// and whoever takes a note away, or wins the word, sees it.
constexpr std::uint64_t kStateBits = 3;
constexpr std::uint64_t kHungUp = 4;
constexpr std::uint64_t kBroken = 8;

constexpr std::uint64_t make_word(std::uint32_t generation, State state) {
  return std::uint64_t{generation} << 32 | state;
}
constexpr std::uint64_t with_state(std::uint64_t w, State state) {
  return (w & ~kStateBits) | state;
}
constexpr std::uint32_t generation_of(std::uint64_t w) {
  return static_cast<std::uint32_t>(w >> 32);
}
constexpr State state_of(std::uint64_t w) {
  return static_cast<State>(w & kStateBits);
}

constexpr std::uint64_t gone_bits(Readiness readiness) {
  return (readiness.hang_up ? kHungUp : 0) | (readiness.broken ? kBroken : 0);
}

constexpr std::uint64_t kWakeEvent = ~std::uint64_t{0};

epoll_event everything(Handle handle) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.u64 = std::uint64_t{handle.generation} << 32 | handle.slot;
  return event;
}

int kick_signal() {
  return SIGRTMIN + 4;
}

const sigset_t& waiting_mask() {
  // Everything stays blocked while waiting, but the kick.
  static const sigset_t mask = [] {
    sigset_t set;
    sigfillset(&set);
    sigdelset(&set, kick_signal());
    // Not SIGABRT: from outside it is one of the stop signals, and abort() unblocks it by itself.
    for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP}) sigdelset(&set, fault);
    return set;
  }();
  return mask;
}

}  // namespace

struct alignas(64) Reactor::Slot {
  std::atomic<std::uint64_t> word{make_word(1, kClosed)};
  std::atomic<std::int64_t> deadline{INT64_MAX};
  std::atomic<bool> wants_writable{false};
  std::atomic<Pollable*> object{nullptr};
  int descriptor = -1;  // owner
};

Reactor::Reactor() {
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  wake_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (epoll_ < 0 || wake_ < 0) throw std::system_error(errno, std::generic_category(), "epoll");
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.u64 = kWakeEvent;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

Reactor::~Reactor() {
  ::close(epoll_);
  ::close(wake_);
  for (auto& chunk : chunks_) delete[] chunk.load();
}

Reactor::Slot& Reactor::slot(std::uint32_t index) const {
  return chunks_[index / kChunk].load(std::memory_order_acquire)[index % kChunk];
}

Handle Reactor::add(int descriptor, Pollable& object) {
  std::uint32_t index;
  {
    std::lock_guard lock(free_mutex_);
    if (!free_.empty()) {
      index = free_.back();
      free_.pop_back();
    } else {
      index = slots_.load(std::memory_order_relaxed);
      if (index == kChunk * kChunks) std::abort();  // a million descriptors: beyond any rlimit
      auto& chunk = chunks_[index / kChunk];
      if (!chunk.load(std::memory_order_relaxed)) {
        chunk.store(new Slot[kChunk], std::memory_order_release);
      }
      slots_.store(index + 1, std::memory_order_release);
    }
  }
  Slot& s = slot(index);
  const std::uint32_t generation = generation_of(s.word.load(std::memory_order_relaxed));
  s.object.store(&object, std::memory_order_relaxed);
  s.descriptor = descriptor;
  s.deadline.store(INT64_MAX, std::memory_order_relaxed);
  s.wants_writable.store(false, std::memory_order_relaxed);
  s.word.store(make_word(generation, kBusy), std::memory_order_release);

  const Handle handle{index, generation};
  epoll_event event = everything(handle);
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0) std::abort();  // our own bug
  return handle;
}

bool Reactor::let_go(Handle handle) {
  Slot& s = slot(handle.slot);
  std::uint64_t w = s.word.load(std::memory_order_relaxed);
  for (;;) {
    // PENDING: take the note away and stay the owner.
    const bool pending = state_of(w) == kPending;
    if (s.word.compare_exchange_weak(w, with_state(w, pending ? kBusy : kIdle),
                                     std::memory_order_acq_rel)) {
      return !pending;
    }
  }
}

void Reactor::close(Handle handle) {
  Slot& s = slot(handle.slot);
  s.deadline.store(INT64_MAX, std::memory_order_relaxed);
  epoll_ctl(epoll_, EPOLL_CTL_DEL, s.descriptor, nullptr);
  s.descriptor = -1;
  s.word.store(make_word(handle.generation + 1, kClosed), std::memory_order_release);
  std::lock_guard lock(free_mutex_);
  free_.push_back(handle.slot);
}

bool Reactor::try_own(Handle handle) {
  auto& word = slot(handle.slot).word;
  std::uint64_t w = word.load(std::memory_order_acquire);
  while (generation_of(w) == handle.generation && state_of(w) == kIdle) {
    if (word.compare_exchange_weak(w, with_state(w, kBusy), std::memory_order_acq_rel)) return true;
  }
  return false;
}

bool Reactor::hung_up(Handle handle) const {
  const std::uint64_t w = slot(handle.slot).word.load(std::memory_order_acquire);
  return generation_of(w) != handle.generation || (w & (kHungUp | kBroken)) != 0;
}

bool Reactor::broken(Handle handle) const {
  const std::uint64_t w = slot(handle.slot).word.load(std::memory_order_acquire);
  return generation_of(w) != handle.generation || (w & kBroken) != 0;
}

void Reactor::report_again(Handle handle) {
  epoll_event event = everything(handle);
  epoll_ctl(epoll_, EPOLL_CTL_MOD, slot(handle.slot).descriptor, &event);
}

void Reactor::want_writable(Handle handle, bool wanted) {
  slot(handle.slot).wants_writable.store(wanted, std::memory_order_release);
}

void Reactor::set_deadline(Handle handle, TimePoint when) {
  auto& deadline = slot(handle.slot).deadline;
  if (when == kNever) return deadline.store(INT64_MAX, std::memory_order_release);
  const std::int64_t ns = when.time_since_epoch().count();
  // expire() forgets the earliest and then looks at every deadline: one of the two sees the other.
  deadline.store(ns, std::memory_order_seq_cst);
  std::int64_t earliest = earliest_.load(std::memory_order_seq_cst);
  while (ns < earliest) {
    if (earliest_.compare_exchange_weak(earliest, ns, std::memory_order_seq_cst)) {
      if (notify_) notify_(notify_context_, when);
      break;
    }
  }
}

void Reactor::on_earlier_deadline(void (*notify)(void*, TimePoint), void* context) {
  notify_ = notify;
  notify_context_ = context;
}

// Wins the word for an event, or leaves a note for whoever has it.
bool Reactor::own_for_event(Slot& s, std::uint32_t generation, Readiness readiness) {
  const std::uint64_t gone = gone_bits(readiness);
  std::uint64_t w = s.word.load(std::memory_order_acquire);
  for (;;) {
    if (generation_of(w) != generation || state_of(w) == kClosed) return false;
    if (state_of(w) == kIdle) {
      if (s.word.compare_exchange_weak(w, with_state(w, kBusy) | gone, std::memory_order_acq_rel)) {
        return true;
      }
      continue;
    }
    // Also when a note is there already: the owner who takes it away must see what we have seen.
    if (s.word.compare_exchange_weak(w, with_state(w, kPending) | gone,
                                     std::memory_order_acq_rel)) {
      if (readiness.writable && s.wants_writable.load(std::memory_order_acquire)) {
        s.object.load(std::memory_order_acquire)->on_writable_unowned(generation);
      }
      return false;
    }
  }
}

bool Reactor::wait_and_drive(int timeout_ms) {
  epoll_event event;
  const int count = epoll_pwait(epoll_, &event, 1, timeout_ms, &waiting_mask());
  if (count <= 0) return false;
  if (event.data.u64 == kWakeEvent) return true;
  const ReadSection section;
  const auto index = static_cast<std::uint32_t>(event.data.u64);
  const auto generation = static_cast<std::uint32_t>(event.data.u64 >> 32);
  const Readiness readiness{.readable = (event.events & EPOLLIN) != 0,
                            .writable = (event.events & EPOLLOUT) != 0,
                            .hang_up = (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0,
                            .broken = (event.events & (EPOLLHUP | EPOLLERR)) != 0};
  Slot& s = slot(index);
  if (own_for_event(s, generation, readiness)) {
    s.object.load(std::memory_order_relaxed)->on_ready(readiness);
  }
  return false;
}

void Reactor::wake_one() {
  const std::uint64_t one = 1;
  // Fails only when the counter is full, and then a wake-up is on its way anyway.
  [[maybe_unused]] const auto written = write(wake_, &one, sizeof one);
}

void Reactor::nudge_idle() {
  const ReadSection section;
  const std::uint32_t used = slots_.load(std::memory_order_acquire);
  for (std::uint32_t index = 0; index < used; ++index) {
    Slot& s = slot(index);
    std::uint64_t w = s.word.load(std::memory_order_acquire);
    while (state_of(w) != kClosed) {
      const bool idle = state_of(w) == kIdle;
      // An owner that has looked already and is about to let go must look once more.
      if (!s.word.compare_exchange_weak(w, with_state(w, idle ? kBusy : kPending),
                                        std::memory_order_acq_rel))
        continue;
      if (idle) s.object.load(std::memory_order_relaxed)->on_ready({});
      break;
    }
  }
}

TimePoint Reactor::expire(TimePoint now) {
  const ReadSection section;
  const std::int64_t now_ns = now.time_since_epoch().count();
  // Whoever sets a deadline from here on compares with "none" and reports it.
  earliest_.store(INT64_MAX, std::memory_order_seq_cst);
  std::int64_t next = INT64_MAX;
  const std::uint32_t used = slots_.load(std::memory_order_acquire);
  for (std::uint32_t index = 0; index < used; ++index) {
    Slot& s = slot(index);
    std::int64_t deadline = s.deadline.load(std::memory_order_seq_cst);
    if (deadline == INT64_MAX) continue;
    if (deadline > now_ns) {
      next = std::min(next, deadline);
      continue;
    }
    std::uint64_t w = s.word.load(std::memory_order_acquire);
    if (state_of(w) != kIdle ||
        !s.word.compare_exchange_strong(w, with_state(w, kBusy), std::memory_order_acq_rel)) {
      // Its owner sets a new deadline before it lets go, unless its output is stuck.
      if (state_of(w) != kIdle && s.wants_writable.load(std::memory_order_acquire)) {
        s.object.load(std::memory_order_acquire)->on_stalled_unowned(generation_of(w), now);
      }
      next = std::min(next, now_ns + 50'000'000);
      continue;
    }
    deadline = s.deadline.load(std::memory_order_acquire);
    if (deadline <= now_ns) {
      s.deadline.store(INT64_MAX, std::memory_order_relaxed);
      s.object.load(std::memory_order_relaxed)->on_deadline(now);
    } else {
      next = std::min(next, deadline);
      const Handle handle{index, generation_of(w)};
      if (!let_go(handle))
        s.object.load(std::memory_order_relaxed)->on_ready({.readable = true, .writable = true});
    }
  }
  std::int64_t earliest = earliest_.load(std::memory_order_acquire);
  while (next < earliest &&
         !earliest_.compare_exchange_weak(earliest, next, std::memory_order_acq_rel)) {
  }
  next = std::min(next, earliest);
  return next == INT64_MAX ? kNever : TimePoint(std::chrono::nanoseconds(next));
}

void kick(pthread_t thread) {
  pthread_kill(thread, kick_signal());
}

void prepare_polling_thread() {
  static const bool installed = [] {
    struct sigaction action {};
    action.sa_handler = [](int) {};
    sigemptyset(&action.sa_mask);
    sigaction(kick_signal(), &action, nullptr);
    return true;
  }();
  (void)installed;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, kick_signal());
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

}  // namespace rr::net
