// Answers that wait a moment for the next ones, to leave in one write: a thread that has more work
// of the same kind in its queue, and knows it to be quick, sends what it has said afterwards.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <utility>

#include "rr/exchange.h"

namespace rr::net {

// What has something to send. Lives as long as threads poll (a recycled connection); told to send
// when it has nothing more to, it does nothing.
class Output {
 public:
  virtual void send() = 0;  // any thread

 protected:
  ~Output() = default;
};

// The output that one thread holds back. hold() is its own; the others are for any thread, so that
// a guard can send what the thread does not come back for.
class HeldOutput {
 public:
  // False: send it yourself. What there is to send must have been noted (sequentially consistent)
  // before: who sends takes the place first and then looks for it, so that one of the two sees the
  // other.
  bool hold(Output& output, TimePoint now) {
    std::atomic<Output*>* free = nullptr;
    for (auto& place : places_) {
      const Output* held = place.load(std::memory_order_seq_cst);
      if (held == &output) return true;
      if (!held) free = &place;
    }
    if (!free) return false;
    if (empty()) since_.store(now, std::memory_order_relaxed);
    // What it is to send happened before it is sent.
    free->store(&output, std::memory_order_release);
    count_.fetch_add(1, std::memory_order_release);
    return true;
  }
  bool empty() const { return count_.load(std::memory_order_acquire) == 0; }
  // When the first of them was held; counts only while there are some.
  TimePoint since() const { return since_.load(std::memory_order_relaxed); }
  void send() {
    for (auto& place : places_) {
      Output* const output = place.exchange(nullptr, std::memory_order_seq_cst);
      if (!output) continue;
      count_.fetch_sub(1, std::memory_order_acq_rel);
      output->send();
    }
  }

 private:
  static constexpr std::size_t kPlaces = 4;
  std::array<std::atomic<Output*>, kPlaces> places_{};
  std::atomic<unsigned> count_{0};
  std::atomic<TimePoint> since_{TimePoint{}};
};

// A thread that may hold output back says so by being this.
class OutputHolder {
 public:
  // Of this thread; null: everything is sent at once.
  static OutputHolder*& here() {
    static thread_local OutputHolder* holder = nullptr;
    return holder;
  }
  // On its own thread, of an answer that is complete. False: it is to be sent now.
  virtual bool hold(Output& output) = 0;

 protected:
  ~OutputHolder() = default;
};

}  // namespace rr::net
