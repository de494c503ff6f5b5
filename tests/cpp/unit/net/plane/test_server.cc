#include "test_server.h"

#include <array>
#include <stdexcept>
#include <utility>

#include "jitter.h"

namespace rr::net::testing {
namespace {

class ScriptedExchange final : public http::Transaction {
 public:
  explicit ScriptedExchange(ScriptedHandler& handler) : handler_(handler) {}
  ~ScriptedExchange() override = default;

  Result<void> encode(WireRequest&) override { return Error(Errc::invalid, "", "no wire view"); }
  bool answer(const WireAnswer&) override { return false; }
  bool note_answered() { return !std::exchange(answered_, true); }

 private:
  void answer_error(const Error& error) override {
    if (started()) return abandon_stream();
    const std::string kind = std::to_string(static_cast<int>(error.code));
    const std::array headers{HeaderView{"X-Id", request().field("X-Id")},
                             HeaderView{"X-Error", kind}};
    respond_now({.status = 500, .headers = headers}, {});
  }
  void dispose() override;

  ScriptedHandler& handler_;
  bool answered_ = false;
  friend struct FreeList;
};

struct FreeList {
  std::vector<std::unique_ptr<ScriptedExchange>> all;
  ScriptedHandler* owner = nullptr;
};
FreeList& free_list() {
  thread_local FreeList list;
  return list;
}

void ScriptedExchange::dispose() {
  handler_.counts().disposed.fetch_add(1, std::memory_order_relaxed);
  if (!handler_.recycles()) {
    delete this;
    return;
  }
  recycle();
  answered_ = false;
  FreeList& list = free_list();
  if (list.owner != &handler_) list.all.clear();
  list.owner = &handler_;
  list.all.emplace_back(this);
}

}  // namespace

bool respond_with(HttpExchange& exchange, int status, PinnedBytes body) {
  const std::array headers{HeaderView{"X-Id", exchange.request().field("X-Id")}};
  return exchange.respond({.status = status, .headers = headers}, body);
}

bool start_with(HttpExchange& exchange, int status) {
  const std::array headers{HeaderView{"X-Id", exchange.request().field("X-Id")},
                           HeaderView{"Content-Type", "text/plain"}};
  return exchange.start({.status = status, .headers = headers});
}

http::Transaction* ScriptedHandler::make_transaction() {
  jitter();
  counts_.made.fetch_add(1, std::memory_order_relaxed);
  FreeList& list = free_list();
  if (recycles_ && list.owner == this && !list.all.empty()) {
    ScriptedExchange* exchange = list.all.back().release();
    list.all.pop_back();
    return exchange;
  }
  return new ScriptedExchange(*this);
}

ScriptedHandler::BodyPlan ScriptedHandler::head_complete(http::Transaction& transaction) {
  jitter();
  const HttpRequest& request = transaction.request();
  if (request(request.head.path).starts_with("/skip")) return BodyPlan::skip;
  if (request.head.content_length > static_cast<std::int64_t>(max_body_)) {
    transaction.answer_at_once({.status = 413}, "too large");
    return BodyPlan::refuse;
  }
  return BodyPlan::read;
}

void ScriptedHandler::handle(http::Transaction* transaction) {
  jitter();
  counts_.handled.fetch_add(1, std::memory_order_relaxed);
  ExchangePtr exchange(transaction);
  const HttpRequest& request = transaction->request();
  if (request(request.head.path).starts_with("/native")) {
    const std::array headers{HeaderView{"X-Id", request.field("X-Id")}};
    transaction->answer_at_once({.status = 200, .headers = headers}, "native");
    return transaction->conclude();
  }
  if (handle_) return handle_(std::move(exchange));
  pool_->submit(std::move(exchange));
  jitter();
}

void ScriptedHandler::body_failed(http::Transaction& transaction, BodyError error,
                                  std::string_view) {
  transaction.answer_at_once({.status = error == BodyError::too_large ? 413 : 400}, "body");
}

void ScriptedHandler::answered(http::Transaction& transaction) {
  counts_.answered.fetch_add(1, std::memory_order_relaxed);
  if (!static_cast<ScriptedExchange&>(transaction).note_answered())
    counts_.answered_twice.fetch_add(1);
  jitter();
}

TestServer::TestServer(Options options) : plane(options.pollers) {
  handler.set_recycling(options.recycles);
  handler.set_max_body(options.max_body);
  pool = std::make_unique<pool::WorkerPool>(options.pool, plane, [&](pool::CrewHost& host) {
    return std::make_unique<ScriptedCrew>(host, plane, options.crew);
  });
  handler.set_pool(*pool);
  server = std::make_unique<http1::Server>(plane.reactor(), handler, options.limits);
  http2 = std::make_unique<http2::Server>(plane.reactor(), handler, options.http2);
  server->set_http2(*http2);
  const TempFolder folder;
  const auto with_certificate = [&folder](tls::Settings& settings) {
    if (!settings.certificates.empty()) return;
    const Certificate certificate;
    folder.write("cert", certificate.cert_pem);
    folder.write("key", certificate.key_pem);
    settings.certificates = {{folder.path("cert"), folder.path("key")}};
  };
  if (options.tls) {
    with_certificate(*options.tls);
    auto store = tls::Store::open(*options.tls, {});
    if (!store) throw std::runtime_error(store.error().message);
    certificates = std::move(*store);
    handshakes = std::make_unique<tls::Handshakes>(plane.reactor(), *certificates, *server,
                                                   http2.get(), options.handshakes, log::Logger());
  }
  if (options.quic) {
    with_certificate(*options.quic);
    auto store = http3::CredentialsStore::open(*options.quic, {});
    if (!store) throw std::runtime_error(store.error().message);
    credentials = std::move(*store);
    http3 = std::make_unique<http3::Server>(plane.reactor(), handler, *credentials, options.http3,
                                            log::Logger());
    if (auto bound = http3->bind(options.address, false); !bound)
      throw std::runtime_error(bound.error().message);
  }
  plane.start_guard();
  if (!pool->start()) throw std::runtime_error("pool");
  if (!options.listens) return;
  auto sockets = ListenSocket::listen(options.address, {});
  if (!sockets) throw std::runtime_error(sockets.error().message);
  address_ = sockets->front().address();
  Acceptor& acceptor = handshakes ? static_cast<Acceptor&>(*handshakes) : *server;
  listener = std::make_unique<Listener>(plane.reactor(), std::move(sockets->front()), acceptor,
                                        Listener::Options{}, log::Logger());
  if (!listener->start()) throw std::runtime_error("listener");
  if (http3 && !http3->open()) throw std::runtime_error("http3");
}

TestServer::~TestServer() {
  stop();
}

void TestServer::stop(Duration grace) {
  if (std::exchange(stopped_, true)) return;
  const TimePoint deadline = Clock::now() + grace;
  if (listener) listener->stop();
  if (handshakes) handshakes->drain();
  server->drain(http1::Server::Idle::close);
  http2->drain();
  if (http3) {
    http3->drain();
    http3->wait_begun(deadline);
  }
  pool->stop(deadline);
  if (handshakes) handshakes->wait_closed(deadline);
  server->wait_closed(deadline);
  http2->wait_closed(deadline);
  if (http3) {
    http3->wait_closed(deadline);
    http3->end();
  }
  plane.stop();
}

}  // namespace rr::net::testing
