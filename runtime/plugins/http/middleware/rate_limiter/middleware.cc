#include "runtime/plugins/http/middleware/rate_limiter/middleware.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "runtime/net/http/chars.h"
#include "runtime/net/http/response.h"
#include "runtime/plugins/http/middleware/rate_limiter/buckets.h"

namespace rr::http::rate_limiter {
namespace {

std::int64_t whole_seconds(Duration wait) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
  return std::max<std::int64_t>(seconds, 1);
}

class RateLimiter final : public HttpMiddleware {
 public:
  explicit RateLimiter(const RateLimiterConfig& config)
      : config_(config),
        buckets_(config.rate, config.interval, config.burst,
                 static_cast<std::size_t>(config.max_entries)) {}

  HttpVerdict handle(HttpCall& call) override {
    const auto key = key_of(call.request());
    if (!key) return refuse(call, 400, {});
    const auto answer = buckets_.take(*key, Clock::now());
    switch (answer.outcome) {
      case Buckets::Outcome::taken:
        return HttpVerdict::pass;
      case Buckets::Outcome::empty:
        return refuse(call, 429, std::to_string(whole_seconds(answer.wait)));
      case Buckets::Outcome::full:
        return refuse(call, 503, {});
    }
    return HttpVerdict::pass;
  }

 private:
  // Nothing: the request does not say.
  std::optional<std::string_view> key_of(const HttpRequest& request) const {
    switch (config_.key) {
      case Key::global:
        return "";
      case Key::ip: {
        // Without a zone, an IPv4 address in its short form.
        std::string_view address = request(request.head.remote_address);
        constexpr std::string_view kMapped = "::ffff:";
        if (address.starts_with(kMapped) && address.find('.') != std::string_view::npos)
          address.remove_prefix(kMapped.size());
        address = address.substr(0, address.find('%'));
        return address.empty() ? std::nullopt : std::optional(address);
      }
      case Key::header: {
        const std::string_view value = net::http::chars::trim(request.field(config_.header));
        return value.empty() ? std::nullopt : std::optional(value);
      }
    }
    return std::nullopt;
  }

  static HttpVerdict refuse(HttpCall& call, int status, const std::string& retry_after) {
    std::vector<HeaderView> headers{{"Cache-Control", "no-store"},
                                    {"Content-Type", "text/plain; charset=utf-8"},
                                    {"X-Content-Type-Options", "nosniff"}};
    if (!retry_after.empty()) headers.push_back({"Retry-After", retry_after});
    std::string storage;
    const std::string text = std::string(net::http::reason_phrase(status, storage)) + "\n";
    call.respond({.status = status, .headers = headers}, text);
    return HttpVerdict::answered;
  }

  const RateLimiterConfig config_;
  Buckets buckets_;
};

}  // namespace

std::unique_ptr<HttpMiddleware> make(const RateLimiterConfig& config, Context& context) {
  if (!context.has("http.rate_limiter")) return nullptr;
  return std::make_unique<RateLimiter>(config);
}

}  // namespace rr::http::rate_limiter
