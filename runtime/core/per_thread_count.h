// A number that many threads change at every moment and somebody reads now and then.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "runtime/core/thread_number.h"

namespace rr {

// Thread-safe. A cell for each of the first threads; others share them.
class PerThreadCount {
 public:
  void add(std::int64_t by) {
    cells_[thread_number() % kCells].value.fetch_add(by, std::memory_order_relaxed);
  }
  // Of what all have added; what is added meanwhile may be missing.
  std::int64_t sum() const {
    std::int64_t sum = 0;
    for (const Cell& cell : cells_) sum += cell.value.load(std::memory_order_relaxed);
    return sum;
  }

 private:
  static constexpr std::size_t kCells = 32;
  struct alignas(64) Cell {
    std::atomic<std::int64_t> value{0};
  };
  std::array<Cell, kCells> cells_;
};

}  // namespace rr
