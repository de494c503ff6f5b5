// An HTTP request on its way to PHP and back: the native view is net's Transaction, the wire view
// (goridge context and body, spec 02 §2 and §3) is here.
#pragma once

#include <memory>
#include <optional>

#include "runtime/net/http/transaction.h"
#include "runtime/plugins/http/body.h"
#include "runtime/plugins/http/middleware/passage.h"

namespace rr::http {

class Service;

// Recycled through a free list of each thread. Thread rules: rr/exchange.h.
class Exchange final : public net::http::Transaction {
 public:
  // One reference, for the caller. Nobody's until serve_with().
  static Exchange* make();
  // The request is complete: whose rules it is answered by. Before it is submitted.
  void serve_with(Service& service) { service_ = &service; }
  Service* service() const { return service_; }

  Result<void> encode(WireRequest& out) override;
  bool answer(const WireAnswer& frame) override;

  // The request's way through the middleware: once for each request.
  Passage& passage();
  bool on_its_way() const { return on_its_way_; }
  // It went through another row than this, before its body came: it is as if it had not.
  void leave_other_row(const void* chain);
  // It has come through, or there is no middleware: its answer is logged.
  void reach_handler() { reached_ = true; }
  bool reached_handler() const { return reached_; }

  // Forms body and uploads for a wire worker, once. False: refused; the next answer_error() says
  // so.
  bool form();
  const std::optional<Refusal>& refusal() const { return refusal_; }

  Exchange() = default;

 private:
  void answer_error(const Error& error) override;
  void dispose() override;
  bool answer_head(const WireAnswer& frame);
  bool answer_body(const WireAnswer& frame);
  void respond_text(int status, std::string_view text);

  Service* service_ = nullptr;        // outlives the exchange's time in its pool and its answer
  std::unique_ptr<Passage> passage_;  // kept for the next request
  bool on_its_way_ = false;
  bool reached_ = false;
  bool formed_ = false;
  FormedBody body_;
  std::optional<Refusal> refusal_;
};

}  // namespace rr::http
