// Records on their way from any thread to the writer: copied as bytes into one of several buffers,
// so that threads seldom meet.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rr/log.h"

namespace rr::log {

// One record as drain() hands it out; views live until the visitor returns.
struct Queued {
  Channel* channel;  // whose record it is; borrowed
  Level level;
  std::int64_t unix_ns;
  std::string_view message;
  std::span<const KeyValue> fields;
};

class Queue {
 public:
  // Copies a record. Any thread. Waits while this thread's buffer holds more than some megabytes.
  void push(Channel& channel, Level level, std::int64_t unix_ns, std::string_view message,
            std::span<const KeyValue> fields);

  // Writer only: hands out everything pushed before the call, in order of time and never against
  // the order in which a thread pushed. Returns whether there was anything.
  bool drain(const std::function<void(const Queued&)>& visit);

  // Writer only: sleeps until something was pushed or wake() called, then a little longer, so that
  // a busy server wakes it some hundred times a second and not for each record.
  void wait();
  // Any thread: ends a wait now.
  void wake();

 private:
  static constexpr std::size_t kShards = 16;
  static constexpr std::size_t kMaxBytes = std::size_t{4} << 20;

  struct alignas(64) Shard {
    std::mutex mutex;  // guards bytes
    std::string bytes;
    std::condition_variable drained;
  };

  std::array<Shard, kShards> shards_;
  std::array<std::string, kShards> taken_;  // writer only; swapped with the shards' buffers
  std::atomic<bool> asleep_{false};
  std::mutex sleep_mutex_;  // guards woken_, and asleep_ becoming false
  std::condition_variable sleep_;
  bool woken_ = false;
};

}  // namespace rr::log
