// How long the exchanges of a pool take, for whoever looks (Pool::timings).
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

#include "rr/pool.h"
#include "runtime/core/thread_number.h"

namespace rr::pool {

// Thread-safe. While nobody looks a worker pays for one load of what hardly ever changes; else for
// reading the clock and two counts in cells that few threads share.
class Timing {
 public:
  // Whether over() is worth calling.
  bool watched() const { return until_.load(std::memory_order_relaxed) != kNever; }
  // An exchange is over, which a worker got at `since`.
  void over(Exchange& exchange, TimePoint since) { over(exchange, since, Clock::now()); }
  void over(Exchange& exchange, TimePoint since, TimePoint now);

  // Watched from here on, for Pool::kTimed.
  Timings read() { return read(Clock::now()); }
  Timings read(TimePoint now);

  // Buckets: eight to each doubling, so that what is read is at most an eighth too much.
  static constexpr std::size_t kBuckets =
      8 * 28;  // up to some quarter of an hour; the last: and more
  static std::size_t bucket_of(std::uint64_t us);
  static std::uint64_t up_to(std::size_t bucket);

 private:
  static constexpr std::int64_t kNever = 0;
  static constexpr std::size_t kCells = 8;
  using Counts = std::array<std::atomic<std::uint64_t>, kBuckets>;
  struct alignas(64) Cell {
    Counts ran{};
    Counts waited{};
  };
  using Cells = std::array<Cell, kCells>;

  static void count(Counts& counts, Duration took);
  static Timings::Histogram sum(const Cells& cells, Counts Cell::*which);

  std::atomic<std::int64_t> until_{kNever};  // steady clock, nanoseconds
  std::atomic<Cells*> cells_{nullptr};       // made when somebody looks for the first time
  std::mutex mutex_;                         // guards owner_
  std::unique_ptr<Cells> owner_;
};

}  // namespace rr::pool
