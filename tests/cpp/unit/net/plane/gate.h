// Meetings of threads, with a limit instead of a hang.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace rr::net::testing {

inline constexpr std::chrono::seconds kPatience{20};

// Closed until open(). Opens at its end and lets everybody who waits leave first: a test that
// returns while scripts wait here takes nothing away from under them.
class Gate {
 public:
  ~Gate() {
    open();
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ == 0; });
  }
  void open() {
    std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  bool wait() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    const bool opened = changed_.wait_for(lock, kPatience, [&] { return open_; });
    --waiting_;
    changed_.notify_all();
    return opened;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int waiting_ = 0;
};

// Counts up; others wait for a number.
class Counter {
 public:
  void add(int by = 1) {
    std::lock_guard lock(mutex_);
    count_ += by;
    changed_.notify_all();
  }
  bool wait_for(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return count_ >= count; });
  }
  int count() const {
    std::lock_guard lock(mutex_);
    return count_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

// Waits until something that announces itself to nobody has come true.
template <class Condition>
bool eventually(Condition&& condition, std::chrono::milliseconds within = kPatience) {
  const auto until = std::chrono::steady_clock::now() + within;
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= until) return false;
    never.wait_for(lock, std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace rr::net::testing
