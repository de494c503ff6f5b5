// The last things that went wrong with workers and requests.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "rr/events.h"

namespace rr::inside {

struct PastError {
  std::chrono::system_clock::time_point when;
  std::string plugin;
  std::string type;
  std::string message;
};

// Thread-safe.
class RecentErrors {
 public:
  static constexpr std::size_t kKept = 50;
  static constexpr std::size_t kMaxMessage = 1024;

  void add(const Event& event, std::chrono::system_clock::time_point when);
  // The latest first.
  std::vector<PastError> list() const;
  // All that there were, those that are forgotten too.
  std::uint64_t count() const;

 private:
  mutable std::mutex mutex_;  // guards what follows
  std::deque<PastError> latest_;
  std::uint64_t count_ = 0;
};

}  // namespace rr::inside
