#include "runtime/net/http1/operator_server.h"

#include <exception>
#include <utility>

namespace rr::net::http1 {

namespace {

// stream_select() in PHP counts to 1023: clients' sockets stay out of its way (spec 08 §6.1).
constexpr int kFirstDescriptor = 1024;

// No worker ever sees it.
class Request final : public http::Transaction {
 public:
  Result<void> encode(WireRequest&) override {
    return Error(Errc::invalid, "operator_server", "no worker answers here");
  }
  bool answer(const WireAnswer&) override { return false; }

 private:
  void answer_error(const Error&) override {
    started() ? abandon_stream() : static_cast<void>(respond_now({.status = 500}, {}));
  }
};

}  // namespace

OperatorServer::OperatorServer(DataPlane& plane, Control& control, const ConnectionLimits& limits,
                               Answer answer, Logger log)
    : plane_(plane),
      control_(control),
      answer_(std::move(answer)),
      log_(log),
      server_(plane.reactor(), *this, limits),
      answers_(control.io().get_executor()) {}

Result<void> OperatorServer::open(const std::string& address) {
  auto sockets = ListenSocket::listen(address, {});
  if (!sockets) return std::move(sockets).error();
  for (ListenSocket& socket : *sockets) {
    listeners_.push_back(
        std::make_unique<Listener>(plane_.reactor(), std::move(socket), server_,
                                   Listener::Options{.first_descriptor = kFirstDescriptor}, log_));
    if (auto open = listeners_.back()->start(); !open) return open;
  }
  return {};
}

std::vector<std::string> OperatorServer::addresses() const {
  std::vector<std::string> all;
  for (const auto& each : listeners_) all.push_back(each->socket().address());
  return all;
}

void OperatorServer::refuse() {
  for (auto& each : listeners_) each->stop();
  server_.drain(Server::Idle::close);
}

void OperatorServer::stop(TimePoint deadline) {
  refuse();
  answers_.join(deadline);
  server_.wait_closed(deadline);
}

http::Transaction* OperatorServer::make_transaction() {
  return new Request;
}

void OperatorServer::handle(http::Transaction* transaction) {
  ExchangePtr owned(transaction);
  transaction->retain();
  if (answers_.spawn(serve(std::move(owned)))) {
    transaction->release();
    return;
  }
  transaction->begin();
  transaction->fail(Error(Errc::stopped, "operator_server", "the server stops"));
  transaction->conclude();
  transaction->release();
}

Task<void> OperatorServer::serve(ExchangePtr exchange) {
  HttpExchange& request = *exchange->http();
  auto call = [this, &request] { return answer(request); };
  co_await control_.block(std::move(call));
}

bool OperatorServer::answer(HttpExchange& exchange) const {
  if (exchange.begin()) {
    try {
      answer_(exchange);
    } catch (const std::exception& e) {
      log_.error("a request was not answered", kv("error", e.what()));
    }
    if (!exchange.ended()) exchange.fail(Error(Errc::invalid, "operator_server", "no answer"));
  }
  exchange.conclude();
  return true;
}

}  // namespace rr::net::http1
