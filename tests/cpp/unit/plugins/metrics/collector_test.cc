// Collectors: what they count, on one thread and on many.
#include <array>
#include <atomic>
#include <cmath>
#include <limits>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cpp/unit/plugins/metrics/text.h"

namespace rr::metrics {
namespace {

using testing::ElementsAre;
using Labels = std::vector<std::string_view>;

std::vector<std::string> shown(const Collector& collector) {
  return lines_of({collector.collect()});
}

std::string said(const Result<void>& done) {
  return done ? "" : done.error().text();
}

// spec:04#49
TEST(Collector, ScalarsAreThereFromTheStart) {
  EXPECT_THAT(shown(Collector({.name = "c"})), ElementsAre("c 0"));
  EXPECT_THAT(shown(Collector({.name = "g", .kind = MetricKind::gauge})), ElementsAre("g 0"));
  EXPECT_THAT(shown(Collector({.name = "s", .kind = MetricKind::summary})),
              ElementsAre("s_count 0", "s_sum 0"));
}

// spec:04#52
TEST(Collector, AHistogramHasItsBucketsAtOnce) {
  Collector histogram({.name = "h", .kind = MetricKind::histogram, .buckets = {.1, .2, .5}});
  EXPECT_THAT(shown(histogram), ElementsAre("h_count 0", "h_sum 0", "h_bucket{le=\"0.1\"} 0",
                                            "h_bucket{le=\"0.2\"} 0", "h_bucket{le=\"0.5\"} 0",
                                            "h_bucket{le=\"+Inf\"} 0"));
  for (const double value : {.05, .1, .3, 7.}) EXPECT_TRUE(histogram.observe(value));
  EXPECT_THAT(shown(histogram), ElementsAre("h_count 4", "h_sum 7.45", "h_bucket{le=\"0.1\"} 2",
                                            "h_bucket{le=\"0.2\"} 2", "h_bucket{le=\"0.5\"} 3",
                                            "h_bucket{le=\"+Inf\"} 4"));
}

TEST(Collector, InfiniteAndNoNumbersGoIntoTheLastBucket) {
  Collector histogram({.name = "h",
                       .kind = MetricKind::histogram,
                       .buckets = {1, std::numeric_limits<double>::infinity()}});
  EXPECT_TRUE(histogram.observe(std::nan("")));
  EXPECT_TRUE(histogram.observe(std::numeric_limits<double>::infinity()));
  const auto family = histogram.collect();
  ASSERT_EQ(family.metric[0].histogram.bucket.size(), 2u);
  EXPECT_EQ(family.metric[0].histogram.bucket[0].cumulative_count, 0u);
  EXPECT_EQ(family.metric[0].histogram.bucket[1].cumulative_count, 2u);
}

// spec:04#51
TEST(Collector, LabelsAreGivenAsDeclaredAndShownByName) {
  Collector gauge({.name = "g", .kind = MetricKind::gauge, .labels = {"type", "section"}});
  EXPECT_THAT(shown(gauge), ElementsAre());
  EXPECT_TRUE(gauge.set(100, Labels{"core", "first"}));
  EXPECT_TRUE(gauge.add(1, Labels{"a", ""}));
  EXPECT_TRUE(gauge.sub(4, Labels{"a", ""}));
  EXPECT_THAT(shown(gauge), ElementsAre("g{section=\"\",type=\"a\"} -3",
                                        "g{section=\"first\",type=\"core\"} 100"));
}

TEST(Collector, ValuesOfLabelsAreNotMixedUp) {
  Collector counter({.name = "c", .labels = {"a", "b"}});
  EXPECT_TRUE(counter.add(1, Labels{"xy", "z"}));
  EXPECT_TRUE(counter.add(2, Labels{"x", "yz"}));
  EXPECT_TRUE(counter.add(4, Labels{std::string_view("x\0", 2), "\"\\\n"}));
  EXPECT_EQ(counter.collect().metric.size(), 3u);
}

// spec:04#51
TEST(Collector, WhatAKindDoesNotHaveIsAnError) {
  Collector counter({.name = "c"});
  Collector gauge({.name = "g", .kind = MetricKind::gauge});
  Collector histogram({.name = "h", .kind = MetricKind::histogram});
  EXPECT_EQ(said(counter.sub(1)), "collector `c` does not support method `Sub`");
  EXPECT_EQ(said(counter.set(1)), "collector `c` does not support method Set");
  EXPECT_EQ(said(gauge.observe(1)), "collector `g` does not support method `Observe`");
  EXPECT_EQ(said(histogram.add(1)), "collector h does not support method `Add`");
}

// spec:04#54
TEST(Collector, ACounterCannotDecrease) {
  Collector counter({.name = "c"});
  EXPECT_TRUE(counter.add(5));
  EXPECT_EQ(said(counter.add(-1)), "counter cannot decrease in value: c");
  EXPECT_EQ(said(counter.add(std::nan(""))), "counter cannot decrease in value: c");
  EXPECT_THAT(shown(counter), ElementsAre("c 5"));
}

// spec:04#51
TEST(Collector, AnotherNumberOfLabelsIsAnError) {
  Collector counter({.name = "c", .labels = {"a", "b"}});
  Collector gauge({.name = "g", .kind = MetricKind::gauge, .labels = {"a"}});
  EXPECT_EQ(said(counter.add(1)), "required labels for collector `c`");
  EXPECT_EQ(said(gauge.set(1)), "required labels for collector g");
  EXPECT_EQ(said(counter.add(1, Labels{"x"})),
            "inconsistent label cardinality: expected 2 label values but got 1 in "
            "[]string{\"x\"}");
  Collector scalar({.name = "s"});
  EXPECT_TRUE(scalar.add(1, Labels{"ignored"}));
}

TEST(Collector, MemoryForValuesOfLabelsHasAnEnd) {
  Collector counter({.name = "c", .labels = {"a"}});
  for (std::size_t i = 0; i < Metric::kMaxSeries; ++i) {
    const std::string value = std::to_string(i);
    ASSERT_TRUE(counter.add(1, Labels{value}));
  }
  EXPECT_FALSE(counter.add(1, Labels{"one more"}));
  EXPECT_TRUE(counter.add(1, Labels{"7"}));
  Collector other({.name = "c", .labels = {"a"}});
  EXPECT_FALSE(other.add(1, Labels{std::string(20'000, 'x')}));
}

// spec:04#73
TEST(Collector, ASummaryHasItsQuantiles) {
  Collector summary({.name = "s", .kind = MetricKind::summary, .objectives = {{.5, .05}}});
  for (int i = 1; i <= 101; ++i) EXPECT_TRUE(summary.observe(i));
  const auto family = summary.collect();
  ASSERT_EQ(family.metric[0].summary.quantile.size(), 1u);
  EXPECT_NEAR(family.metric[0].summary.quantile[0].value, 51, 6);
  EXPECT_EQ(family.metric[0].summary.sample_count, 101u);
}

// Many threads, more than there are places, come and go while somebody reads.
TEST(Collector, CountsOfManyThreadsAddUp) {
  constexpr int kThreads = 48, kRounds = 2'000;
  Collector counter({.name = "c", .labels = {"a", "b"}});
  Collector scalar({.name = "s"});
  Collector gauge({.name = "g", .kind = MetricKind::gauge});
  Collector histogram({.name = "h", .kind = MetricKind::histogram, .buckets = {1, 2}});
  std::atomic<bool> done{false};
  std::thread reader([&] {
    double before = 0;
    while (!done) {
      const double now = scalar.collect().metric[0].counter.value;
      EXPECT_GE(now, before);
      before = now;
      (void)counter.collect();
      (void)histogram.collect();
    }
  });
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      const std::string mine = std::to_string(t % 3);
      for (int i = 0; i < kRounds; ++i) {
        EXPECT_TRUE(scalar.add(1));
        EXPECT_TRUE(counter.add(2, Labels{mine, "x"}));
        EXPECT_TRUE(gauge.add(1));
        EXPECT_TRUE(gauge.sub(1));
        EXPECT_TRUE(histogram.observe(i % 3));
      }
    });
  }
  for (std::thread& each : threads) each.join();
  done = true;
  reader.join();
  EXPECT_EQ(scalar.collect().metric[0].counter.value, kThreads * kRounds);
  EXPECT_EQ(gauge.collect().metric[0].gauge.value, 0);
  double sum = 0;
  for (const auto& each : counter.collect().metric) sum += each.counter.value;
  EXPECT_EQ(counter.collect().metric.size(), 3u);
  EXPECT_EQ(sum, 2.0 * kThreads * kRounds);
  EXPECT_EQ(histogram.collect().metric[0].histogram.sample_count, kThreads * kRounds);
}

}  // namespace
}  // namespace rr::metrics
