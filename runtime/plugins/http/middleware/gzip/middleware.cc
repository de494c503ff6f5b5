#include "runtime/plugins/http/middleware/gzip/middleware.h"

#include "runtime/net/compress/sink.h"

namespace rr::http::gzip {
namespace {

class Gzip final : public HttpMiddleware {
 public:
  explicit Gzip(const GzipConfig& config) : config_(config) {}

  HttpVerdict handle(HttpCall& call) override {
    call.add_answer_field("Vary", "Accept-Encoding");
    const HttpRequest& request = call.request();
    if (request.head.head_method) return HttpVerdict::pass;
    if (const auto encoding =
            net::compress::choose(request.field("Accept-Encoding"), config_.encodings))
      call.add_sink(std::make_unique<net::compress::CompressingSink>(call.next(), *encoding));
    return HttpVerdict::pass;
  }

 private:
  const GzipConfig config_;
};

}  // namespace

std::unique_ptr<HttpMiddleware> make(const GzipConfig& config, Context&) {
  return std::make_unique<Gzip>(config);
}

}  // namespace rr::http::gzip
