// `http3.alt_svc`: tells clients that came over TLS that HTTP/3 is there too (RFC 7838).
#pragma once

#include <string>
#include <string_view>

#include "rr/http_middleware.h"

namespace rr::http {

// Stands outermost: whoever answers, clients learn it. Answers with a field of their own of this
// name keep it.
class AltSvc final : public HttpMiddleware {
 public:
  explicit AltSvc(std::string_view port) : value_("h3=\":" + std::string(port) + "\"; ma=86400") {}

  HttpVerdict handle(HttpCall& call) override {
    const HttpHead& head = call.request().head;
    if (head.tls && head.version != HttpVersion::http3) call.add_answer_field("Alt-Svc", value_);
    return HttpVerdict::pass;
  }

 private:
  const std::string value_;
};

}  // namespace rr::http
