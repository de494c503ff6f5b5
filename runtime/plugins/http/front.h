// What connections talk to for as long as the server runs; each request is passed to the service of
// the configuration that counts when it is complete.
#pragma once

#include <atomic>
#include <memory>

#include "runtime/net/http/transaction.h"
#include "runtime/plugins/http/generation.h"

namespace rr::http {

// Thread-safe; replace() by one thread at a time. A request takes its generation once, when it is
// complete, and is answered by it alone. What comes before is not tied to any: a slow upload holds
// no workers of an earlier configuration, and is held against the limits of the one that answers
// it. A refusal of a body is whole in itself. Which route a request takes is asked of the
// generation at hand each time, for the same reason.
class Front final : public net::http::Handler {
 public:
  explicit Front(std::shared_ptr<Generation> first);

  // Requests that become complete from here on are the new one's. Returns the one before, to which
  // some threads may be about to submit: see ReadSection.
  std::shared_ptr<Generation> replace(std::shared_ptr<Generation> next);
  // The thread that replaces, or before and after all requests.
  const Generation& current() const { return *owner_; }

  net::http::Transaction* make_transaction() override;
  BodyPlan head_complete(net::http::Transaction& transaction) override;
  std::uint64_t max_body_bytes(const net::http::Transaction& transaction) const override;
  void handle(net::http::Transaction* transaction) override;
  void body_failed(net::http::Transaction& transaction, BodyError error,
                   std::string_view reason) override;
  void answered(net::http::Transaction& transaction) override;

 private:
  Generation& now() const { return *current_.load(std::memory_order_seq_cst); }

  std::shared_ptr<Generation> owner_;  // with the pool's users; see pool::CurrentPool
  std::atomic<Generation*> current_;   // read in ReadSections
};

}  // namespace rr::http
