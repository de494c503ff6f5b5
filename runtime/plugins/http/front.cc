#include "runtime/plugins/http/front.h"

#include <utility>

#include "runtime/core/read_section.h"
#include "runtime/plugins/http/exchange.h"

namespace rr::http {

Generation::Generation(HttpConfig config_of_it, std::unique_ptr<Pool> its_pool,
                       std::unique_ptr<const Chain> chain, std::optional<FileOwner> upload_owner,
                       const std::string& static_folder, Logger log)
    : config(std::move(config_of_it)),
      pool(std::move(its_pool)),
      service(config, *pool, std::move(chain), upload_owner, log) {
  if (!static_folder.empty()) service.serve_files(static_folder);
}

Front::Front(std::shared_ptr<Generation> first)
    : owner_(std::move(first)), current_(owner_.get()) {}

std::shared_ptr<Generation> Front::replace(std::shared_ptr<Generation> next) {
  std::shared_ptr<Generation> before = std::exchange(owner_, std::move(next));
  current_.store(owner_.get(), std::memory_order_seq_cst);
  return before;
}

net::http::Transaction* Front::make_transaction() {
  return Exchange::make();
}

net::http::Handler::BodyPlan Front::head_complete(net::http::Transaction& transaction) {
  const ReadSection section;
  return current_.load(std::memory_order_seq_cst)->service.head_complete(transaction);
}

std::uint64_t Front::max_body_bytes() const {
  const ReadSection section;
  return current_.load(std::memory_order_seq_cst)->service.max_body_bytes();
}

void Front::handle(net::http::Transaction* transaction) {
  const ReadSection section;
  current_.load(std::memory_order_seq_cst)->service.handle(transaction);
}

void Front::body_failed(net::http::Transaction& transaction, BodyError error,
                        std::string_view reason) {
  const ReadSection section;
  current_.load(std::memory_order_seq_cst)->service.body_failed(transaction, error, reason);
}

void Front::answered(net::http::Transaction& transaction) {
  const ReadSection section;
  Service* service = static_cast<Exchange&>(transaction).service();
  // Refused before it was complete: nobody's.
  if (!service) service = &current_.load(std::memory_order_seq_cst)->service;
  service->answered(transaction);
}

}  // namespace rr::http
