#include "runtime/net/data_plane.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "runtime/core/read_section.h"

namespace rr::net {
namespace {

using namespace std::chrono_literals;

constexpr auto kTick = 1ms;        // how long nobody may poll
constexpr auto kCoarse = 50ms;     // deadlines are kept this exactly
constexpr auto kGuardPoll = 10ms;  // the guard looks up from polling at least so often

void futex_wait(std::atomic<std::uint32_t>& word, std::uint32_t expected, Duration timeout) {
  timespec limit{};
  timespec* at_most = nullptr;
  if (timeout != Duration::max()) {
    limit.tv_sec = timeout / 1s;
    limit.tv_nsec = (timeout % 1s).count();
    at_most = &limit;
  }
  syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&word), FUTEX_WAIT_PRIVATE, expected, at_most,
          nullptr, 0);
}

void futex_wake(std::atomic<std::uint32_t>& word) {
  syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&word), FUTEX_WAKE_PRIVATE, 1, nullptr,
          nullptr, 0);
}

std::int64_t ns(TimePoint when) {
  return when.time_since_epoch().count();
}

}  // namespace

void Parker::wait(TimePoint deadline) {
  while (word_.exchange(0, std::memory_order_acquire) == 0) {
    Duration left = Duration::max();
    if (deadline != TimePoint::max()) {
      left = deadline - Clock::now();
      if (left <= Duration::zero()) return;
    }
    futex_wait(word_, 0, left);
  }
}

void Parker::wake() {
  if (word_.exchange(1, std::memory_order_release) == 0) futex_wake(word_);
}

struct DataPlane::PollerThread {
  Parker parker;
  std::atomic<bool> leave{false};
  std::thread thread;
};

DataPlane::DataPlane(unsigned pollers) : limit_(std::max(1u, pollers)) {
  prepare_polling_thread();  // inherited by the threads this one starts
  reactor_.on_earlier_deadline(
      [](void* self, TimePoint when) { static_cast<DataPlane*>(self)->note_deadline(when); }, this);
}

DataPlane::~DataPlane() {
  stop();
}

int DataPlane::milliseconds_until(TimePoint deadline) {
  if (deadline == TimePoint::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

unsigned DataPlane::polling() const {
  return static_cast<unsigned>(polls_.load(std::memory_order_seq_cst) & 0xffff);
}

bool DataPlane::begin_poll() {
  std::uint64_t polls = polls_.load(std::memory_order_relaxed);
  do {
    if ((polls & 0xffff) >= limit_) return false;
  } while (!polls_.compare_exchange_weak(polls, polls + 0x10001, std::memory_order_seq_cst));
  return true;
}

void DataPlane::end_poll() {
  const std::uint64_t before = polls_.fetch_sub(1, std::memory_order_seq_cst);
  if ((before & 0xffff) == 1 && guard_word_.load(std::memory_order_seq_cst) == 1) wake_guard();
}

void DataPlane::wake_guard() {
  if (guard_word_.exchange(0, std::memory_order_acq_rel) == 1) futex_wake(guard_word_);
}

bool DataPlane::begin_park(Parker& parker) {
  std::lock_guard lock(parked_mutex_);
  if (polling() < limit_) return false;  // a place has come free meanwhile
  parked_.push_back(&parker);
  parked_count_.store(parked_.size(), std::memory_order_seq_cst);
  return true;
}

// Whatever ended the wait: a wake-up that was meant for an earlier one must not leave the thread in
// the list, where it would swallow another's.
void DataPlane::end_park(Parker& parker) {
  std::lock_guard lock(parked_mutex_);
  std::erase(parked_, &parker);
  parked_count_.store(parked_.size(), std::memory_order_seq_cst);
}

void DataPlane::unpark(Parker& parker) {
  {
    std::lock_guard lock(parked_mutex_);
    std::erase(parked_, &parker);
    parked_count_.store(parked_.size(), std::memory_order_seq_cst);
  }
  parker.wake();
}

bool DataPlane::unpark_one() {
  if (parked_count_.load(std::memory_order_seq_cst) == 0) return false;
  Parker* parker;
  {
    std::lock_guard lock(parked_mutex_);
    if (parked_.empty()) return false;
    parker = parked_.back();
    parked_.pop_back();
    parked_count_.store(parked_.size(), std::memory_order_seq_cst);
  }
  parker->wake();
  return true;
}

void DataPlane::work_queued() {
  // Of threads of several kinds a wake-up may reach one that has no use for the other's.
  if (waking_.exchange(true, std::memory_order_seq_cst) && !shared()) return;
  if (polling() > 0) {
    reactor_.wake_one();
  } else if (!unpark_one()) {
    wake_up_arrived();  // all are busy, and look before they wait
  }
}

void DataPlane::add_takers(Takers& takers) {
  std::lock_guard lock(takers_mutex_);
  takers_.push_back(&takers);
  kinds_.fetch_add(1, std::memory_order_seq_cst);
}

void DataPlane::remove_takers(Takers& takers) {
  std::lock_guard lock(takers_mutex_);
  if (std::erase(takers_, &takers) > 0) kinds_.fetch_sub(1, std::memory_order_seq_cst);
}

void DataPlane::pass_on() {
  std::lock_guard lock(takers_mutex_);
  for (Takers* takers : takers_) {
    if (takers->work_waits()) takers->wake_one();
  }
}

void DataPlane::add_timed(Timed& timed) {
  std::lock_guard lock(timed_mutex_);
  timed_.push_back(&timed);
}

void DataPlane::remove_timed(Timed& timed) {
  std::lock_guard lock(timed_mutex_);
  std::erase(timed_, &timed);
}

void DataPlane::note_deadline(TimePoint when) {
  std::int64_t until = guard_until_.load(std::memory_order_seq_cst);
  while (ns(when) < until) {
    if (guard_until_.compare_exchange_weak(until, ns(when), std::memory_order_seq_cst))
      return wake_guard();
  }
}

TimePoint DataPlane::expire_all(TimePoint now) {
  const ReadSection section;
  TimePoint next = reactor_.expire(now);
  std::lock_guard lock(timed_mutex_);
  for (Timed* timed : timed_) next = std::min(next, timed->expire(now));
  return next;
}

// Sleeps while somebody polls; looks every tick while nobody does, and after a whole tick without a
// poll brings in a parked thread or polls itself.
void DataPlane::guard() {
  prepare_polling_thread();
  TimePoint last = TimePoint(Duration::zero());  // when deadlines were looked at
  const auto due = [&] {
    const std::int64_t until = guard_until_.load(std::memory_order_seq_cst);
    return until == INT64_MAX ? TimePoint::max()
                              : std::max(TimePoint(Duration(until)), last + kCoarse);
  };
  const auto deadlines = [&] {
    const TimePoint now = Clock::now();
    if (now < due()) return;
    last = now;
    // What is noted from here on lowers it again, and need not be looked for now.
    guard_until_.store(INT64_MAX, std::memory_order_seq_cst);
    const TimePoint next = expire_all(now);
    if (next != TimePoint::max()) note_deadline(next);
    guard_rounds_.fetch_add(1, std::memory_order_release);
  };

  while (!stopping_.load(std::memory_order_acquire)) {
    deadlines();
    if (polling() > 0) {
      guard_word_.store(1, std::memory_order_seq_cst);
      if (polling() > 0 && !stopping_.load(std::memory_order_seq_cst)) {
        const TimePoint next = due();
        const TimePoint now = Clock::now();
        if (next == TimePoint::max()) {
          futex_wait(guard_word_, 1, Duration::max());
        } else if (next > now) {
          futex_wait(guard_word_, 1, next - now);
        }
      }
      guard_word_.store(0, std::memory_order_seq_cst);
      continue;
    }
    const std::uint64_t polls = polls_.load(std::memory_order_acquire) >> 16;
    std::this_thread::sleep_for(kTick);
    if (polls_.load(std::memory_order_acquire) >> 16 != polls || polling() > 0) continue;
    if (unpark_one()) continue;
    while (polling() == 0 && !stopping_.load(std::memory_order_acquire)) {
      // A wake-up is meant for a thread that takes work: one may poll beside us by now.
      if (reactor_.wait_and_drive(static_cast<int>(kGuardPoll / 1ms))) {
        wake_up_arrived();
        work_queued();
      }
      deadlines();
    }
  }
}

void DataPlane::start_pollers(unsigned count) {
  if (pollers_.empty()) kinds_.fetch_add(1, std::memory_order_seq_cst);
  for (unsigned i = 0; i < count; ++i) {
    auto& poller = pollers_.emplace_back(std::make_unique<PollerThread>());
    poller->thread = std::thread([this, &poller = *poller] {
      prepare_polling_thread();
      const auto leave = [&poller] { return poller.leave.load(std::memory_order_acquire); };
      while (!leave()) {
        idle(poller.parker, leave);
        if (shared()) pass_on();
      }
    });
  }
}

void DataPlane::keep_pollers() {
  if (pollers_.empty()) start_pollers(limit_);
}

void DataPlane::end_pollers() {
  if (pollers_.empty()) return;
  for (auto& poller : pollers_) {
    poller->leave.store(true, std::memory_order_seq_cst);
    unpark(poller->parker);
    kick(poller->thread.native_handle());
  }
  for (auto& poller : pollers_) poller->thread.join();
  pollers_.clear();
  kinds_.fetch_sub(1, std::memory_order_seq_cst);
}

void DataPlane::start_guard() {
  guard_ = std::thread([this] { guard(); });
}

void DataPlane::stop() {
  stopping_.store(true, std::memory_order_seq_cst);
  end_pollers();
  if (guard_.joinable()) {
    wake_guard();
    kick(guard_.native_handle());
    guard_.join();
  }
}

}  // namespace rr::net
