#include "runtime/plugins/http/front.h"

#include <utility>

#include "runtime/core/read_section.h"
#include "runtime/plugins/http/exchange.h"

namespace rr::http {

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
  Generation& generation = now();
  const char* reason = nullptr;
  if (Service* service = generation.service_for(transaction.request(), reason))
    return service->head_complete(transaction);
  generation.service().refuse_unheard(transaction, reason);
  return BodyPlan::refuse;
}

std::uint64_t Front::max_body_bytes(const net::http::Transaction& transaction) const {
  const ReadSection section;
  const char* reason = nullptr;
  const Service* service = now().service_for(transaction.request(), reason);
  return service ? service->max_body_bytes() : 0;
}

void Front::handle(net::http::Transaction* transaction) {
  const ReadSection section;
  Generation& generation = now();
  const char* reason = nullptr;
  if (Service* service = generation.service_for(transaction->request(), reason))
    return service->handle(transaction);
  // The routes are others than when its head came.
  const ExchangePtr owned(transaction);
  generation.service().refuse_unheard(*transaction, reason);
  transaction->conclude();
}

void Front::body_failed(net::http::Transaction& transaction, BodyError error,
                        std::string_view reason) {
  const ReadSection section;
  Generation& generation = now();
  const char* unclear = nullptr;
  if (Service* service = generation.service_for(transaction.request(), unclear))
    return service->body_failed(transaction, error, reason);
  generation.service().refuse_unheard(transaction, unclear);
}

void Front::answered(net::http::Transaction& transaction) {
  const ReadSection section;
  Service* service = static_cast<Exchange&>(transaction).service();
  // Refused before it was complete: nobody's.
  if (!service) service = &now().service();
  service->answered(transaction);
}

}  // namespace rr::http
