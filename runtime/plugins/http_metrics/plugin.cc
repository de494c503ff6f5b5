#include "runtime/plugins/http_metrics/plugin.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <utility>

namespace rr::http_metrics {

namespace {

enum : std::size_t { queue, uptime, no_free_workers };

constexpr int kNoAnswer = -1;  // RoadRunner's label where nothing was written

bool says_no_workers(const HttpResponseHead& head) {
  return std::ranges::any_of(head.headers, [](const HeaderView& field) {
    return field.name == "No-Workers" && field.value == "true";
  });
}

// Sees how an answer begins, and counts where it ends: before the last piece goes out, so that who
// has the answer finds it counted.
class Sink final : public HttpAnswerFilter {
 public:
  Sink(HttpAnswerSink& next, Counts& counts) : HttpAnswerFilter(next), counts_(counts) {
    counts_.in_work.add(1);
  }
  ~Sink() override { end(); }

  bool respond(const HttpResponseHead& head, PinnedBytes body) override {
    begin(head);
    end();
    return next_.respond(head, body);
  }
  bool respond_file(const HttpResponseHead& head, FileBytes body) override {
    begin(head);
    end();
    return next_.respond_file(head, body);
  }
  bool start(const HttpResponseHead& head) override {
    begin(head);
    return next_.start(head);
  }
  bool finish() override {
    end();
    return next_.finish();
  }

 private:
  void begin(const HttpResponseHead& head) {
    status_ = head.status;
    if (says_no_workers(head)) counts_.no_free_workers.add(1);
  }
  void end() {
    if (std::exchange(ended_, true)) return;
    std::array<char, 16> digits;
    const char* end = std::to_chars(digits.begin(), digits.end(), status_).ptr;
    const std::array<std::string_view, 1> label{{{digits.data(), end}}};
    const std::chrono::duration<double> took = Clock::now() - began_;
    // Neither can fail: the status is the one label.
    (void)counts_.requests->add(1, label);
    (void)counts_.durations->observe(took.count(), label);
    counts_.in_work.add(-1);
  }

  Counts& counts_;  // the plugin's, which outlives its requests
  const TimePoint began_ = Clock::now();
  int status_ = kNoAnswer;
  bool ended_ = false;
};

class Middleware final : public HttpMiddleware {
 public:
  explicit Middleware(Counts& counts) : counts_(counts) {}
  HttpVerdict handle(HttpCall& call) override {
    call.add_sink(std::make_unique<Sink>(call.next(), counts_));
    return HttpVerdict::pass;
  }

 private:
  Counts& counts_;  // the plugin's
};

}  // namespace

HttpMetricsPlugin::HttpMetricsPlugin()
    : families_{{.name = "rr_http_requests_queue",
                 .kind = MetricKind::gauge,
                 .help = "Total number of queued requests."},
                {.name = "rr_http_uptime_seconds",
                 .kind = MetricKind::counter,
                 .help = "Uptime in seconds"},
                {.name = "rr_http_no_free_workers_total",
                 .kind = MetricKind::counter,
                 .help = "Total number of NoFreeWorkers occurrences."}} {}

void HttpMetricsPlugin::init(Context& context) {
  context.provide<HttpMiddlewareFactory>(*this);
  auto* metrics = context.look_for<Metrics>();
  if (metrics == nullptr) return;
  const auto declare = [&](MetricSpec spec) {
    spec.labels = {"status"};
    auto declared = metrics->declare_own(std::move(spec));
    if (!declared) {
      throw ConfigError(std::vector<std::string>{"http_metrics_plugin_init"},
                        declared.error().message);
    }
    return *declared;
  };
  counts_.requests =
      declare({.name = "rr_http_request_total",
               .help = "Total number of handled http requests after server restart."});
  counts_.durations =
      declare({.name = "rr_http_request_duration_seconds",
               .kind = MetricKind::histogram,
               .help = "HTTP request duration.",
               .buckets = {.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 20, 30, 60}});
  context.provide<MetricsSource>(*this);
}

std::unique_ptr<HttpMiddleware> HttpMetricsPlugin::make_middleware(Context& context) {
  if (counts_.requests) return std::make_unique<Middleware>(counts_);
  context.logger("http").warn(
      "middleware has no effect: it needs a section `metrics`, from the start of the server on",
      kv("requested", "http_metrics"));
  return nullptr;
}

void HttpMetricsPlugin::collect(MetricsSink& sink) const {
  sink.put(queue, static_cast<double>(counts_.in_work.sum()));
  const auto seconds = std::chrono::floor<std::chrono::seconds>(Clock::now() - started_).count();
  if (seconds > 0) sink.put(uptime, static_cast<double>(seconds));
  if (const auto rejected = counts_.no_free_workers.sum(); rejected > 0)
    sink.put(no_free_workers, static_cast<double>(rejected));
}

}  // namespace rr::http_metrics
