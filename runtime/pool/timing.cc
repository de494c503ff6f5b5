#include "runtime/pool/timing.h"

#include <algorithm>
#include <bit>

#include "rr/http.h"

namespace rr::pool {
namespace {

constexpr std::uint64_t kPerDoubling = 8;

}  // namespace

// Below 8 µs each has its own; then the three bits behind the leading one decide.
std::size_t Timing::bucket_of(std::uint64_t us) {
  if (us < kPerDoubling) return us;
  const auto doubling = static_cast<std::uint64_t>(std::bit_width(us)) - 4;
  const std::uint64_t bucket = kPerDoubling * (doubling + 1) + ((us >> doubling) - kPerDoubling);
  return std::min<std::uint64_t>(bucket, kBuckets - 1);
}

std::uint64_t Timing::up_to(std::size_t bucket) {
  if (bucket < kPerDoubling) return bucket;
  const std::uint64_t doubling = bucket / kPerDoubling - 1;
  return ((kPerDoubling + bucket % kPerDoubling + 1) << doubling) - 1;
}

void Timing::count(Counts& counts, Duration took) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
  counts[bucket_of(static_cast<std::uint64_t>(std::max<std::int64_t>(us, 0)))].fetch_add(
      1, std::memory_order_relaxed);
}

void Timing::over(Exchange& exchange, TimePoint since, TimePoint now) {
  Cells* cells = cells_.load(std::memory_order_acquire);
  if (!cells) return;
  std::int64_t until = until_.load(std::memory_order_relaxed);
  if (now.time_since_epoch().count() > until) {
    // Nobody has looked for a while. Not over one who looks right now.
    until_.compare_exchange_strong(until, kNever, std::memory_order_relaxed);
    return;
  }
  Cell& cell = (*cells)[thread_number() % kCells];
  count(cell.ran, now - since);
  HttpExchange* http = exchange.http();
  if (!http) return;
  const TimePoint received = http->request().received;
  if (received != TimePoint{}) count(cell.waited, since - received);
}

Timings::Histogram Timing::sum(const Cells& cells, Counts Cell::*which) {
  Timings::Histogram histogram;
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    std::uint64_t count = 0;
    for (const Cell& cell : cells) count += (cell.*which)[bucket].load(std::memory_order_relaxed);
    if (count > 0) histogram.push_back({.up_to_us = up_to(bucket), .count = count});
  }
  return histogram;
}

Timings Timing::read(TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (!owner_) {
    owner_ = std::make_unique<Cells>();
    cells_.store(owner_.get(), std::memory_order_release);
  }
  until_.store((now + Pool::kTimed).time_since_epoch().count(), std::memory_order_relaxed);
  return {.ran = sum(*owner_, &Cell::ran), .waited = sum(*owner_, &Cell::waited)};
}

}  // namespace rr::pool
