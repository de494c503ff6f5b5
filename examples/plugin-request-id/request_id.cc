// A plugin with an HTTP middleware: gives each request an id that the client, PHP and the log can
// see, and tells the client how long the answer took.
//
//   plugins: [./request_id.so]
//   request_id: {header: X-Request-Id}
//   http: {middleware: [request_id]}
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "rr/http_middleware.h"
#include "rr/plugin_library.h"

namespace request_id {

struct Config {
  std::string header = "X-Request-Id";
  bool timing = true;

  static constexpr auto fields() {
    using rr::config::field;
    return std::tuple{
        field("header", &Config::header, "the field that has the id"),
        field("timing", &Config::timing, "add Server-Timing to answers"),
    };
  }
  void check(rr::config::Errors& errors) const {
    errors.require(!header.empty(), "header", "header should not be empty");
  }
};

// The answer's side: one for each request.
class TimingSink final : public rr::HttpAnswerFilter {
 public:
  TimingSink(rr::HttpAnswerSink& next, rr::TimePoint began)
      : HttpAnswerFilter(next), began_(began) {}

  bool respond(const rr::HttpResponseHead& head, rr::PinnedBytes body) override {
    return next_.respond(with_timing(head), body);
  }
  bool start(const rr::HttpResponseHead& head) override { return next_.start(with_timing(head)); }
  bool respond_file(const rr::HttpResponseHead& head, rr::FileBytes body) override {
    return next_.respond_file(with_timing(head), body);
  }

 private:
  rr::HttpResponseHead with_timing(const rr::HttpResponseHead& head) {
    const std::chrono::duration<double, std::milli> took = rr::Clock::now() - began_;
    char text[48];
    std::snprintf(text, sizeof text, "app;dur=%.2f", took.count());
    value_ = text;
    headers_.assign(head.headers.begin(), head.headers.end());
    headers_.push_back({"Server-Timing", value_});
    return {.status = head.status, .reason = head.reason, .headers = headers_};
  }

  const rr::TimePoint began_;
  std::string value_;
  std::vector<rr::HeaderView> headers_;
};

// The request's side: called by many threads at a time.
class Middleware final : public rr::HttpMiddleware {
 public:
  explicit Middleware(Config config) : config_(std::move(config)) {}

  rr::HttpVerdict handle(rr::HttpCall& call) override {
    std::string id(call.request().field(config_.header));
    if (id.empty()) {
      id = make_id();
      call.add_field(config_.header, id);
    }
    call.add_attribute("requestId", id);
    call.set_answer_field(config_.header, id);
    if (config_.timing)
      call.add_sink(std::make_unique<TimingSink>(call.next(), call.request().received));
    return rr::HttpVerdict::pass;
  }

 private:
  std::string make_id() {
    char text[40];
    std::snprintf(text, sizeof text, "%08x-%llu", prefix_,
                  static_cast<unsigned long long>(count_.fetch_add(1)));
    return text;
  }

  const Config config_;
  const unsigned prefix_ = std::random_device{}();
  std::atomic<std::uint64_t> count_{1};
};

class RequestIdPlugin final : public rr::Plugin, private rr::HttpMiddlewareFactory {
 public:
  void init(rr::Context& context) override {
    config_ = context.section<Config>("request_id");
    context.provide<rr::HttpMiddlewareFactory>(*this);
  }
  rr::Result<void> serve() override { return {}; }
  void stop(rr::TimePoint) override {}

 private:
  std::string_view middleware_name() const override { return "request_id"; }
  std::unique_ptr<rr::HttpMiddleware> make_middleware(rr::Context&) override {
    return std::make_unique<Middleware>(config_);
  }

  Config config_;
};

}  // namespace request_id

RR_PLUGIN_LIBRARY(registry) {
  registry.add<request_id::RequestIdPlugin>("request_id", "request_id");
}
