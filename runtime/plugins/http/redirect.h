// `ssl.redirect`: requests over plain HTTP are sent to https (spec 02 §5.3).
#pragma once

#include <cstdint>
#include <string>

#include "runtime/net/http/transaction.h"

namespace rr::http {

// Where a request goes on. `port`: of the TLS listener, left out when it is 443.
std::string https_location(const HttpRequest& request, std::uint16_t port);

// Stands before everything else: such requests reach no middleware and no access log. Thread-safe.
class Redirect final : public net::http::Handler {
 public:
  // `service` makes the transactions; outlives this.
  Redirect(net::http::Handler& service, std::uint16_t port) : service_(service), port_(port) {}

  net::http::Transaction* make_transaction() override { return service_.make_transaction(); }
  BodyPlan head_complete(net::http::Transaction&) override { return BodyPlan::skip; }
  std::uint64_t max_body_bytes(const net::http::Transaction& transaction) const override {
    return service_.max_body_bytes(transaction);
  }
  void handle(net::http::Transaction* transaction) override;
  void body_failed(net::http::Transaction&, BodyError, std::string_view) override {}
  void answered(net::http::Transaction&) override {}

 private:
  net::http::Handler& service_;
  const std::uint16_t port_;
};

}  // namespace rr::http
