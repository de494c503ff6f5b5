#include "runtime/plugins/http/acme/challenge_server.h"

#include <array>
#include <chrono>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "runtime/net/tls/special.h"

namespace rr::http::acme {
namespace {

using asio::ip::tcp;
using boost::system::error_code;
using namespace std::chrono_literals;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr auto kTime = 10s;          // of a client
constexpr std::size_t kHead = 8192;  // bytes of its request
constexpr std::size_t kClients = 64;

Error in_the_way(std::uint16_t port, const error_code& why) {
  std::string text = "port " + std::to_string(port) + " for the challenge: ";
  if (why == asio::error::access_denied) {
    text +=
        "no permission: ports below 1024 need root or CAP_NET_BIND_SERVICE, or another port "
        "(alt_http_port, alt_tlsalpn_port) that the authority's requests are passed on to";
  } else if (why == asio::error::address_in_use) {
    text += "another program has it";
  } else {
    text += why.message();
  }
  return Error(Errc::io, "", std::move(text));
}

// "GET /path HTTP/1.1": the path; empty: something else.
std::string_view path_of(std::string_view head) {
  if (!head.starts_with("GET ")) return {};
  head.remove_prefix(4);
  return head.substr(0, head.find_first_of(" \r\n?"));
}

std::string answer(std::string_view head, const Challenges& challenges) {
  const auto file = challenges.file(path_of(head));
  const std::string body = file ? *file : "404 page not found\n";
  return std::string("HTTP/1.1 ") + (file ? "200 OK" : "404 Not Found") +
         "\r\nContent-Type: application/octet-stream\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
}

}  // namespace

struct ChallengeServer::State {
  State(asio::io_context& io, ChallengeType kind, const Challenges& what)
      : acceptor(io),
        type(kind),
        challenges(what),
        context(asio::ssl::context::tls_server),
        tasks(io.get_executor()) {}

  tcp::acceptor acceptor;
  const ChallengeType type;
  const Challenges& challenges;  // outlives the tasks: they see nothing after a cancel
  asio::ssl::context context;
  std::size_t clients = 0;
  TaskGroup tasks;

  static Task<void> accept_loop(std::shared_ptr<State> self);
  using Socket = std::shared_ptr<tcp::socket>;  // of a client and its deadline
  static Task<void> serve(std::shared_ptr<State> self, Socket socket);
  static Task<void> serve_file(std::shared_ptr<State> self, Socket socket);
  static Task<void> serve_handshake(std::shared_ptr<State> self, Socket socket);
};

Task<void> ChallengeServer::State::accept_loop(std::shared_ptr<State> self) {
  for (;;) {
    auto [ec, socket] = co_await self->acceptor.async_accept(kTuple);
    if (ec == asio::error::operation_aborted) co_return;
    if (ec) {
      // Out of descriptors would spin otherwise.
      asio::steady_timer timer(self->acceptor.get_executor(), 100ms);
      co_await timer.async_wait(asio::use_awaitable);
      continue;
    }
    if (self->clients >= kClients) continue;
    self->tasks.spawn(serve(self, std::make_shared<tcp::socket>(std::move(socket))));
  }
}

Task<void> ChallengeServer::State::serve(std::shared_ptr<State> self, Socket socket) {
  ++self->clients;
  asio::steady_timer deadline(socket->get_executor(), kTime);
  deadline.async_wait([socket](error_code ec) {
    error_code ignored;
    if (!ec) socket->close(ignored);
  });
  if (self->type == ChallengeType::http) {
    co_await serve_file(self, socket);
  } else {
    co_await serve_handshake(self, socket);
  }
  --self->clients;
}

Task<void> ChallengeServer::State::serve_file(std::shared_ptr<State> self, Socket socket) {
  std::string head;
  std::array<char, 2048> piece{};
  while (head.find("\r\n\r\n") == std::string::npos) {
    auto [ec, count] = co_await socket->async_read_some(asio::buffer(piece), kTuple);
    if (ec) co_return;
    head.append(piece.data(), count);
    if (head.size() > kHead) co_return;
  }
  const std::string text = answer(head, self->challenges);
  co_await asio::async_write(*socket, asio::buffer(text), kTuple);
  error_code ignored;
  socket->shutdown(tcp::socket::shutdown_send, ignored);
  // Until the client has seen it: closing over unread bytes would reset.
  co_await socket->async_read_some(asio::buffer(piece), kTuple);
}

Task<void> ChallengeServer::State::serve_handshake(std::shared_ptr<State> self, Socket socket) {
  asio::ssl::stream<tcp::socket&> stream(*socket, self->context);
  auto [ec] = co_await stream.async_handshake(asio::ssl::stream_base::server, kTuple);
  if (!ec) co_await stream.async_shutdown(kTuple);
}

Result<std::unique_ptr<ChallengeServer>> ChallengeServer::open(asio::io_context& io,
                                                               ChallengeType type,
                                                               std::uint16_t port,
                                                               const Challenges& challenges) {
  auto state = std::make_shared<State>(io, type, challenges);
  if (type == ChallengeType::tls_alpn)
    net::tls::allow_special(state->context.native_handle(), challenges);
  error_code ec;
  // Both families where there are both.
  tcp::endpoint endpoint(tcp::v6(), port);
  state->acceptor.open(endpoint.protocol(), ec);
  if (!ec) {
    state->acceptor.set_option(asio::ip::v6_only(false), ec);
  } else {
    endpoint = tcp::endpoint(tcp::v4(), port);
    ec = {};
    state->acceptor.open(endpoint.protocol(), ec);
  }
  if (!ec) state->acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
  if (!ec) state->acceptor.bind(endpoint, ec);
  if (!ec) state->acceptor.listen(asio::socket_base::max_listen_connections, ec);
  if (ec) return in_the_way(port, ec);
  state->tasks.spawn(State::accept_loop(state));
  return std::unique_ptr<ChallengeServer>(new ChallengeServer(std::move(state)));
}

ChallengeServer::~ChallengeServer() {
  error_code ignored;
  state_->acceptor.close(ignored);
  state_->tasks.cancel();
}

}  // namespace rr::http::acme
