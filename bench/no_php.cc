// What the HTTP stack costs without PHP: the rooms net and core answering a constant, on as many
// threads as the server would poll with. Row `no-php` of bench/run.
//
//   no_php ADDRESS     serves until SIGTERM; ADDRESS as in http.address
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <thread>
#include <vector>

#include "runtime/net/data_plane.h"
#include "runtime/net/http1/server.h"
#include "runtime/net/listener.h"

namespace {

using namespace rr;

// The headers PHP's hello world has.
constexpr HeaderView kHeaders[] = {{"X-Powered-By", "PHP/8.2"},
                                   {"Content-Type", "text/html; charset=UTF-8"}};

class Hello final : public net::http::Transaction {
 public:
  Result<void> encode(WireRequest&) override { return {}; }
  bool answer(const WireAnswer&) override { return false; }

 private:
  void answer_error(const Error&) override {}
  void dispose() override;
};

thread_local std::vector<std::unique_ptr<Hello>> free_list;

void Hello::dispose() {
  recycle();
  free_list.emplace_back(this);
}

class Constant final : public net::http::Handler {
 public:
  net::http::Transaction* make_transaction() override {
    if (free_list.empty()) return new Hello;
    Hello* hello = free_list.back().release();
    free_list.pop_back();
    return hello;
  }
  BodyPlan head_complete(net::http::Transaction&) override { return BodyPlan::read; }
  std::uint64_t max_body_bytes(const net::http::Transaction&) const override { return 1 << 20; }
  void handle(net::http::Transaction* transaction) override {
    transaction->answer_at_once({.status = 200, .headers = kHeaders}, "hello");
    transaction->conclude();
    transaction->release();
  }
  void body_failed(net::http::Transaction& transaction, BodyError, std::string_view) override {
    transaction.answer_at_once({.status = 400}, {});
  }
  void answered(net::http::Transaction&) override {}
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: no_php ADDRESS\n");
    return 2;
  }
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  signal(SIGPIPE, SIG_IGN);

  const unsigned threads = std::max(2U, std::thread::hardware_concurrency());
  net::DataPlane plane(threads);
  Constant handler;
  net::http1::Server server(plane.reactor(), handler, {});
  auto sockets = net::ListenSocket::listen(argv[1], {});
  if (!sockets) {
    std::fprintf(stderr, "%s\n", sockets.error().text().c_str());
    return 1;
  }
  std::vector<std::unique_ptr<net::Listener>> listeners;
  for (auto& socket : *sockets) {
    listeners.push_back(std::make_unique<net::Listener>(plane.reactor(), std::move(socket), server,
                                                        net::Listener::Options{}, Logger{}));
    if (auto started = listeners.back()->start(); !started) {
      std::fprintf(stderr, "%s\n", started.error().text().c_str());
      return 1;
    }
  }
  plane.start_pollers(threads);
  plane.start_guard();
  int signal = 0;
  sigwait(&stop, &signal);
  for (auto& listener : listeners) listener->stop();
  plane.stop();
  return 0;
}
