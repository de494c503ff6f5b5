#include "runtime/plugins/http/middleware/rate_limiter/buckets.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <random>
#include <string>

namespace rr::http::rate_limiter {
namespace {

constexpr auto kLookThrough = std::chrono::minutes(1);

std::uint64_t random_seed() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

std::uint64_t hash_of(std::uint64_t seed, std::string_view key) {
  std::string text(reinterpret_cast<const char*>(&seed), sizeof seed);
  text.append(key);
  return std::hash<std::string>{}(text);
}

}  // namespace

Buckets::Buckets(std::int64_t rate, Duration interval, std::int64_t burst, std::size_t max_entries)
    : tokens_per_ns_(static_cast<double>(rate) / static_cast<double>(interval.count())),
      burst_(static_cast<double>(burst)),
      max_entries_(max_entries),
      seeds_{random_seed(), random_seed()} {}

Buckets::Hashed Buckets::hashed(std::string_view key) const {
  return {hash_of(seeds_[0], key), hash_of(seeds_[1], key)};
}

void Buckets::fill(Bucket& bucket, TimePoint now) const {
  if (now <= bucket.filled) return;
  const auto passed = static_cast<double>(Duration(now - bucket.filled).count());
  bucket.tokens = std::min(burst_, bucket.tokens + passed * tokens_per_ns_);
  bucket.filled = now;
}

void Buckets::forget_full_ones(TimePoint now) {
  looked_through_ = now;
  for (auto at = buckets_.begin(); at != buckets_.end();) {
    fill(at->second, now);
    at = at->second.tokens >= burst_ ? buckets_.erase(at) : std::next(at);
  }
}

Buckets::Answer Buckets::take(std::string_view key, TimePoint now) {
  const Hashed name = hashed(key);
  std::lock_guard lock(mutex_);
  if (now - looked_through_ > kLookThrough) forget_full_ones(now);
  auto found = buckets_.find(name);
  if (found == buckets_.end()) {
    if (buckets_.size() >= max_entries_) return {Outcome::full};
    found = buckets_.emplace(name, Bucket{burst_, now}).first;
  }
  Bucket& bucket = found->second;
  fill(bucket, now);
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return {Outcome::taken};
  }
  return {Outcome::empty,
          Duration(static_cast<std::int64_t>(std::ceil((1 - bucket.tokens) / tokens_per_ns_)))};
}

}  // namespace rr::http::rate_limiter
