// Token buckets, one a key.
#pragma once

#include <cstdint>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "rr/exchange.h"

namespace rr::http::rate_limiter {

// Thread-safe. The clock is the caller's.
class Buckets {
 public:
  // `rate` tokens in each `interval`, `burst` at most; at most `max_entries` keys at a time.
  Buckets(std::int64_t rate, Duration interval, std::int64_t burst, std::size_t max_entries);

  enum class Outcome { taken, empty, full };
  struct Answer {
    Outcome outcome = Outcome::taken;
    Duration wait{0};  // of `empty`: until there is a token
  };
  // Takes a token of a key's bucket, which begins full. `full`: there is no room for a new key.
  Answer take(std::string_view key, TimePoint now);

 private:
  struct Bucket {
    double tokens = 0;
    TimePoint filled;
  };
  // Keys are not kept, only a hash of 128 bits that nobody outside can steer.
  using Hashed = std::pair<std::uint64_t, std::uint64_t>;
  struct Hash {
    std::size_t operator()(const Hashed& key) const { return key.first; }
  };
  Hashed hashed(std::string_view key) const;
  void fill(Bucket& bucket, TimePoint now) const;
  void forget_full_ones(TimePoint now);

  const double tokens_per_ns_;
  const double burst_;
  const std::size_t max_entries_;
  const std::uint64_t seeds_[2];
  std::mutex mutex_;  // guards what follows
  std::unordered_map<Hashed, Bucket, Hash> buckets_;
  TimePoint looked_through_;
};

}  // namespace rr::http::rate_limiter
