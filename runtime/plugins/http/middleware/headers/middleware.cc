#include "runtime/plugins/http/middleware/headers/middleware.h"

#include <optional>

#include "runtime/plugins/http/middleware/headers/cors.h"

namespace rr::http::headers {
namespace {

class Headers final : public HttpMiddleware {
 public:
  explicit Headers(const HeadersConfig& config) : config_(config) {
    if (config.cors) cors_.emplace(*config.cors);
  }

  HttpVerdict handle(HttpCall& call) override {
    for (const auto& [name, value] : config_.request) call.add_field(name, value);
    for (const auto& [name, value] : config_.response) call.set_answer_field(name, value);
    return cors_ ? cors_->handle(call) : HttpVerdict::pass;
  }

 private:
  const HeadersConfig config_;
  std::optional<Cors> cors_;
};

}  // namespace

std::unique_ptr<HttpMiddleware> make(const HeadersConfig& config, Context& context) {
  if (!context.has("http.headers")) return nullptr;
  return std::make_unique<Headers>(config);
}

}  // namespace rr::http::headers
