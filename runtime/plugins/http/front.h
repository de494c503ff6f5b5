// What connections talk to for as long as the server runs; each request is passed to the service of
// the configuration that counts when it is complete.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "rr/file_owner.h"
#include "runtime/net/http/transaction.h"
#include "runtime/plugins/http/config.h"
#include "runtime/plugins/http/service.h"

namespace rr::http {

// Everything that decides how a request is answered: limits, rules, codec, workers. Immutable. Ends
// with its pool (pool::Retirement): until then its exchanges may use it.
struct Generation {
  // `static_folder`: empty, or what `serve FOLDER` serves.
  Generation(HttpConfig config, std::unique_ptr<Pool> pool, std::unique_ptr<const Chain> chain,
             std::optional<FileOwner> upload_owner, const std::string& static_folder, Logger log);

  const HttpConfig config;
  const std::unique_ptr<Pool> pool;
  Service service;
};

// Thread-safe; replace() by one thread at a time. A request takes its generation once, when it is
// complete, and is answered by it alone. What comes before is not tied to any: a slow upload holds
// no workers of an earlier configuration, and is held against the limits of the one that answers
// it. A refusal of a body is whole in itself.
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
  std::uint64_t max_body_bytes() const override;
  void handle(net::http::Transaction* transaction) override;
  void body_failed(net::http::Transaction& transaction, BodyError error,
                   std::string_view reason) override;
  void answered(net::http::Transaction& transaction) override;

 private:
  std::shared_ptr<Generation> owner_;  // with the pool's users; see pool::CurrentPool
  std::atomic<Generation*> current_;   // read in ReadSections
};

}  // namespace rr::http
