// Where the server's own plain addresses answer an authority's challenges.
#pragma once

#include <cstdint>
#include <string_view>

#include "runtime/net/http/transaction.h"
#include "runtime/plugins/http/acme/challenges.h"

namespace rr::http::acme {

// Stands before everything else. Costs a load while nobody is asked anything. Thread-safe.
class ChallengeDoor final : public net::http::Handler {
 public:
  // `next` makes the transactions and answers all other requests. Both outlive this.
  ChallengeDoor(net::http::Handler& next, const Challenges& challenges)
      : next_(next), challenges_(challenges) {}

  net::http::Transaction* make_transaction() override { return next_.make_transaction(); }
  BodyPlan head_complete(net::http::Transaction& transaction) override;
  std::uint64_t max_body_bytes(const net::http::Transaction& transaction) const override {
    return next_.max_body_bytes(transaction);
  }
  void handle(net::http::Transaction* transaction) override { next_.handle(transaction); }
  void body_failed(net::http::Transaction& transaction, BodyError error,
                   std::string_view reason) override {
    next_.body_failed(transaction, error, reason);
  }
  void answered(net::http::Transaction& transaction) override { next_.answered(transaction); }

 private:
  net::http::Handler& next_;
  const Challenges& challenges_;
};

}  // namespace rr::http::acme
