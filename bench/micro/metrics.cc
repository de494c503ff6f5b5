// What counting costs, on one thread and on several at a time; and reading what was counted.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "runtime/plugins/metrics/exposition.h"
#include "runtime/plugins/metrics/registry.h"

namespace {

using namespace rr;
using Labels = std::array<std::string_view, 2>;

constexpr int kRuns = 10'000;  // a round is shorter than a time slice

template <class Run>
double nanoseconds(Run run) {
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < kRuns; ++i) run(i);
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin)
             .count() /
         kRuns;
}

// The best of several rounds, each on so many threads: of the slowest of them.
template <class Run>
void measure(const char* name, Run run) {
  for (const std::size_t count : {1U, std::max(2U, std::thread::hardware_concurrency())}) {
    double best = 1e9;
    for (int round = 0; round < 40; ++round) {
      std::vector<double> took(count);
      std::vector<std::thread> threads;
      for (std::size_t t = 0; t < count; ++t)
        threads.emplace_back([&, t] { took[t] = nanoseconds(run); });
      for (std::thread& each : threads) each.join();
      best = std::min(best, *std::max_element(took.begin(), took.end()));
    }
    std::printf("%-36s %2zu threads %8.0f ns\n", name, count, best);
  }
}

}  // namespace

int main() {
  metrics::Registry registry;
  const auto declare = [&](MetricSpec spec) {
    return std::move(registry.declare(std::move(spec)).value().metric);
  };
  const auto scalar = declare({.name = "scalar"});
  const auto labelled = declare({.name = "labelled", .labels = {"shop", "way"}});
  const auto histogram = declare({.name = "took", .kind = MetricKind::histogram});
  const auto gauge = declare({.name = "level", .kind = MetricKind::gauge});
  const std::array<Labels, 4> values{Labels{"north", "card"}, Labels{"north", "cash"},
                                     Labels{"south-east", "card"}, Labels{"south-east", "invoice"}};
  measure("counter", [&](int) { (void)scalar->add(1); });
  measure("counter, two labels", [&](int i) { (void)labelled->add(1, values[i & 3]); });
  measure("histogram, 11 buckets", [&](int i) { (void)histogram->observe(i & 7); });
  measure("gauge", [&](int i) { (void)gauge->set(i); });
  measure("find by name", [&](int) { (void)registry.find("labelled"); });

  for (int i = 0; i < 10'000; ++i) {
    const std::string one = std::to_string(i);
    (void)labelled->add(1, Labels{one, "card"});
  }
  const auto begin = std::chrono::steady_clock::now();
  const std::string text = metrics::exposition(registry.collect());
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  std::printf("reading 10 000 series: %.1f ms, %zu bytes\n", took.count(), text.size());
  return 0;
}
