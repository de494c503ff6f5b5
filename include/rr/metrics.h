// Metrics that Prometheus reads: collectors of applications and of the server's own parts.
//
//   auto orders = metrics.declare({.name = "orders_total", .kind = MetricKind::counter,
//                                  .labels = {"shop", "way"}});
//   …
//   (*orders)->add(1, std::array<std::string_view, 2>{"north", "card"});
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rr/result.h"

namespace rr {

enum class MetricKind : std::uint8_t { counter, gauge, histogram, summary };

// "counter", "gauge", "histogram", "summary".
std::string_view to_string(MetricKind kind);
std::optional<MetricKind> metric_kind(std::string_view name);

// What a collector is. Names may be any text; what Prometheus does not have in names comes out as
// "_".
struct MetricSpec {
  std::string name;  // how the collector is addressed
  MetricKind kind = MetricKind::counter;
  std::string space = {};  // "namespace" in configurations
  std::string subsystem = {};
  std::string help = {};
  std::vector<std::string> labels = {};
  std::vector<double> buckets = {};          // histogram; none: the usual ones, .005 to 10 seconds
  std::map<double, double> objectives = {};  // summary: quantile and the error it may have

  // As it is exposed: the parts that are not empty, joined by "_".
  std::string full_name() const;
};

// One collector. Calls are for any thread, at any moment, and made for hot paths: what many threads
// count is kept by thread and summed when it is read, so that nobody waits for another one. Without
// labels a call costs some ten nanoseconds, with two some fifty; no memory is allocated
// once a thread has seen the values of the labels. (Gauges and summaries with objectives have one
// place for all threads.)
class Metric {
 public:
  // Values of the labels, in the order of their declaration. Ignored by a collector that has none.
  using Labels = std::span<const std::string_view>;

  virtual const MetricSpec& spec() const = 0;
  bool is_scalar() const { return spec().labels.empty(); }

  // Errors of all four, which change nothing: a kind that does not have the call; another number of
  // labels; a counter cannot decrease; more label values than kMaxSeries. Their texts are
  // RoadRunner's, without the operation before them.
  virtual Result<void> add(double by, Labels labels = {}) = 0;         // counter, gauge
  virtual Result<void> sub(double by, Labels labels = {}) = 0;         // gauge
  virtual Result<void> set(double value, Labels labels = {}) = 0;      // gauge
  virtual Result<void> observe(double value, Labels labels = {}) = 0;  // histogram, summary

  // Different values of labels that one thread may count: memory has an end.
  static constexpr std::size_t kMaxSeries = 100'000;

 protected:
  ~Metric() = default;
};

// The collectors of this server: provided by the plugin `metrics`, which is there when the
// configuration has its section. Thread-safe.
class Metrics {
 public:
  using Pointer = std::shared_ptr<Metric>;  // the registry's, and of whoever counts with it

  // A collector of applications, found by its name. Errors, in RoadRunner's words: the full name is
  // taken, a name is empty, buckets do not rise… One of the same name that is there already is
  // what comes back, whatever its kind.
  struct Declared {
    Pointer metric;
    bool is_new = true;
  };
  virtual Result<Declared> declare(MetricSpec spec) = 0;
  // The same for the server's own parts: not found by name, cannot be removed.
  virtual Result<Pointer> declare_own(MetricSpec spec) = 0;
  // Null: none of that name. A pointer may be kept: it counts on, unseen, once it is removed.
  virtual Pointer find(std::string_view name) const = 0;
  // False: there is none of that name.
  virtual bool remove(std::string_view name) = 0;

 protected:
  ~Metrics() = default;
};

// Gets values that are looked up when somebody reads the metrics.
class MetricsSink {
 public:
  using Labels = std::span<const std::string_view>;
  // `family`: of MetricsSource::families().
  virtual void put(std::size_t family, double value, Labels labels = {}) = 0;

 protected:
  ~MetricsSink() = default;
};

// A plugin that knows numbers of the moment. Thread-safe.
class MetricsSource {
 public:
  // Counters and gauges, always the same ones; names are full ones.
  virtual std::span<const MetricSpec> families() const = 0;
  // Those without a value are not shown. May block for a moment.
  virtual void collect(MetricsSink& sink) const = 0;

 protected:
  ~MetricsSource() = default;
};

}  // namespace rr
