// What `top` shows, as text: of pictures that the service `inside` gave one after another.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace rr::cli {

// Number of exchanges by their time, in microseconds: pairs of an upper bound and a count, rising.
using TimeCounts = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

// What has come between two readings; `before` may be empty.
TimeCounts difference(const TimeCounts& now, const TimeCounts& before);
// The time that `share` of all (0 to 1) have not taken longer than. 0: there are none.
std::uint64_t quantile(const TimeCounts& counts, double share);
// A character for each step from 100 µs to 5 s and more; how high shows how many.
std::string spark_line(const TimeCounts& counts);

class TopView {
 public:
  struct Screen {
    std::size_t columns = 120;
    std::size_t rows = 0;  // 0: no end
  };
  // Names of pools that are shown; none: all.
  explicit TopView(std::vector<std::string> pools) : pools_(std::move(pools)) {}

  // A further picture. Those of another server than the last are the first of it.
  void take(nlohmann::json picture);
  // The server does not answer: what was seen last stays on the screen, with this above it.
  void lost(std::string why) { lost_ = std::move(why); }

  // Lines without control characters but colours where stdout is a terminal, none wider than the
  // screen, no more than it has rows.
  std::string text(const Screen& screen) const;

 private:
  // How far back rates and latencies look.
  static constexpr std::size_t kKept = 11;

  std::vector<std::string> lines(std::size_t columns) const;
  void add_pools(std::vector<std::string>& lines) const;
  void add_workers(std::vector<std::string>& lines) const;
  bool shows(const nlohmann::json& pool) const;
  const nlohmann::json* pool_before(const nlohmann::json& pool) const;

  const std::vector<std::string> pools_;
  std::deque<nlohmann::json> pictures_;  // the latest last
  std::string lost_;
  bool restarted_ = false;
};

}  // namespace rr::cli
