// Load for storms: clients that check every answer against what they asked, and count.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "server.h"

namespace rr::e2e {

// What became of a storm's requests. Any thread.
class Tally {
 public:
  void count(int status, std::chrono::milliseconds took);
  void wrong(const std::string& what);  // the first few are kept
  std::uint64_t answered() const { return answered_; }
  std::uint64_t good() const { return good_; }  // answered with 200
  std::chrono::milliseconds longest() const { return std::chrono::milliseconds(longest_); }
  std::string complaints() const;
  bool clean() const;

 private:
  std::atomic<std::uint64_t> answered_{0}, good_{0};
  std::atomic<std::int64_t> longest_{0};  // milliseconds
  mutable std::mutex mutex_;              // guards complaints_, wrong_
  std::uint64_t wrong_ = 0;
  std::vector<std::string> complaints_;
};

// One request and what is right about its answer.
struct Shot {
  std::string bytes;
  std::function<bool(const Response&)> right;
  std::string what;  // for complaints
};

// `clients` threads fire `total` shots over kept connections, one at a time each. A request without
// an answer, an answer that is not right, and bytes that nobody asked for are complaints. A
// connection that was closed after an answer is opened anew.
void storm(std::uint16_t port, int clients, std::uint64_t total,
           const std::function<Shot(std::mt19937&, std::uint64_t number)>& next, Tally& tally);

// Does something at random intervals until it goes out of scope.
class Mischief {
 public:
  Mischief(std::chrono::milliseconds least, std::chrono::milliseconds most,
           std::function<void(std::mt19937&)> act);
  ~Mischief();

 private:
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace rr::e2e
