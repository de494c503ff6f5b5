// A lock of which only some who want it wait: the others leave a note for whoever has it.
#pragma once

#include <atomic>
#include <cstdint>

namespace rr::net::streams {

// A note must be left (sequentially consistent) before try_take() fails, and looked for after
// give(): then one of the two sees the other.
class Turn {
 public:
  bool try_take() {
    std::uint32_t free = kFree;
    return word_.compare_exchange_strong(free, kTaken, std::memory_order_seq_cst);
  }
  void take() {
    // Held for microseconds: a wake-up costs more than a few tries.
    for (int tries = 0; tries < 200; ++tries) {
      if (word_.load(std::memory_order_relaxed) == kFree && try_take()) return;
#if defined(__SSE2__)
      __builtin_ia32_pause();
#endif
    }
    while (word_.exchange(kAwaited, std::memory_order_seq_cst) != kFree) {
      word_.wait(kAwaited, std::memory_order_relaxed);
    }
  }
  void give() {
    if (word_.exchange(kFree, std::memory_order_seq_cst) == kAwaited) word_.notify_one();
  }

 private:
  static constexpr std::uint32_t kFree = 0;
  static constexpr std::uint32_t kTaken = 1;
  static constexpr std::uint32_t kAwaited = 2;  // taken, and somebody may sleep
  std::atomic<std::uint32_t> word_{kFree};
};

}  // namespace rr::net::streams
