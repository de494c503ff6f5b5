// A small HTTP/1.1 service for operators and their tools (metrics, status) on an address of its
// own. Requests are answered on blocking threads of the control plane: an answer may take its time
// and holds up no client of the data plane.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "rr/http.h"
#include "rr/log.h"
#include "rr/result.h"
#include "runtime/core/control.h"
#include "runtime/core/task_group.h"
#include "runtime/net/data_plane.h"
#include "runtime/net/http1/server.h"
#include "runtime/net/listener.h"

namespace rr::net::http1 {

// Main thread. Outlives the data plane's last event and is destroyed after Control::stop().
class OperatorServer final : private http::Handler {
 public:
  // Answers whole: respond(), or start() to finish(). Several threads at a time. Bodies of requests
  // are not read. May throw: the client then gets a 500.
  using Answer = std::function<void(HttpExchange&)>;

  OperatorServer(DataPlane& plane, Control& control, const ConnectionLimits& limits, Answer answer,
                 Logger log);

  // Listens and answers. "host:port" and what else ListenSocket knows.
  Result<void> open(const std::string& address);
  // The addresses as bound.
  std::vector<std::string> addresses() const;

  // Closes the listeners, and connections without a request.
  void refuse();
  // Waits for what is being answered. After refuse() too.
  void stop(TimePoint deadline);

 private:
  http::Transaction* make_transaction() override;
  BodyPlan head_complete(http::Transaction&) override { return BodyPlan::skip; }
  std::uint64_t max_body_bytes(const http::Transaction&) const override { return 0; }
  void handle(http::Transaction* transaction) override;
  void body_failed(http::Transaction&, BodyError, std::string_view) override {}
  void answered(http::Transaction&) override {}

  Task<void> serve(ExchangePtr exchange);
  bool answer(HttpExchange& exchange) const;

  DataPlane& plane_;
  Control& control_;
  const Answer answer_;
  const Logger log_;
  Server server_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  TaskGroup answers_;
};

}  // namespace rr::net::http1
