#include "runtime/plugins/http/middleware/circuitbreaker/middleware.h"

#include "runtime/plugins/http/middleware/circuitbreaker/breaker.h"

namespace rr::http::circuitbreaker {
namespace {

// Tells the breaker how an answer begins.
class Sink final : public HttpAnswerFilter {
 public:
  Sink(HttpAnswerSink& next, Breaker& breaker) : HttpAnswerFilter(next), breaker_(breaker) {}

  bool respond(const HttpResponseHead& head, PinnedBytes body) override {
    breaker_.answered(head.status, Clock::now());
    return next_.respond(head, body);
  }
  bool start(const HttpResponseHead& head) override {
    breaker_.answered(head.status, Clock::now());
    return next_.start(head);
  }
  bool respond_file(const HttpResponseHead& head, FileBytes body) override {
    breaker_.answered(head.status, Clock::now());
    return next_.respond_file(head, body);
  }

 private:
  Breaker& breaker_;  // the middleware's, which outlives its requests
};

class CircuitBreaker final : public HttpMiddleware {
 public:
  explicit CircuitBreaker(const CircuitBreakerConfig& config)
      : status_(static_cast<int>(config.code_when_open)), breaker_(config) {}

  HttpVerdict handle(HttpCall& call) override {
    if (!breaker_.admits(Clock::now())) {
      call.respond({.status = status_});
      return HttpVerdict::answered;
    }
    call.add_sink(std::make_unique<Sink>(call.next(), breaker_));
    return HttpVerdict::pass;
  }

 private:
  const int status_;
  Breaker breaker_;
};

}  // namespace

std::unique_ptr<HttpMiddleware> make(const CircuitBreakerConfig& config, Context& context) {
  if (!context.has("circuitbreaker")) return nullptr;
  return std::make_unique<CircuitBreaker>(config);
}

}  // namespace rr::http::circuitbreaker
