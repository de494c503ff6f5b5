#include "runtime/plugins/rpc/server.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace rr::rpc {

namespace {

using namespace std::chrono_literals;

constexpr auto kReply = asio::as_tuple(asio::use_awaitable);
// stream_select() in PHP counts to 1023: clients' sockets stay out of its way (spec 08 §6.1).
constexpr int kFirstDescriptor = 1024;
// What is cancelled on the control thread ends in a moment; for longer nobody waits.
constexpr auto kMoment = 1s;

// Of the descriptors, a part remains for whom the server is there.
std::size_t most_connections() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 512;
  return static_cast<std::size_t>(limit.rlim_cur / 4 * 3);
}

}  // namespace

Server::Server(Control& control, std::vector<RpcService*> services, Logger log)
    : control_(control),
      log_(log),
      router_(std::move(services)),
      max_connections_(most_connections()),
      surroundings_{control_, router_, calls_, log_,
                    std::make_shared<MemoryBudget>(Connection::kMaxBytesTogether)},
      calls_(control.io().get_executor()),
      connections_(control.io().get_executor()),
      listeners_(control.io().get_executor()) {}

Result<void> Server::listen(std::string_view address, const net::ListenSocket::Options& options) {
  auto sockets = net::ListenSocket::listen(address, options);
  if (!sockets) return std::move(sockets).error();
  for (net::ListenSocket& socket : *sockets) {
    // Asio closes the descriptor it waits on, and the socket its own.
    const int twin = ::fcntl(socket.descriptor(), F_DUPFD_CLOEXEC, 0);
    if (twin < 0)
      return Error(Errc::io, "", "listen " + std::string(address) + ": " + std::strerror(errno));
    addresses_.push_back(socket.address());
    listeners_.spawn(
        accept_loop(std::move(socket), asio::posix::stream_descriptor(control_.io(), twin)));
  }
  return {};
}

Task<void> Server::accept_loop(net::ListenSocket socket, asio::posix::stream_descriptor readiness) {
  asio::steady_timer pause(readiness.get_executor());
  for (;;) {
    const auto [error] =
        co_await readiness.async_wait(asio::posix::stream_descriptor::wait_read, kReply);
    if (error) co_return;
    if (accept_all(socket)) continue;
    pause.expires_after(100ms);  // out of descriptors would spin otherwise
    co_await pause.async_wait(kReply);
  }
}

// False: out of something that others may give back.
bool Server::accept_all(const net::ListenSocket& socket) {
  for (;;) {
    // Not async_accept: between its accept() and a later FD_CLOEXEC a worker process may start,
    // which would hold the client's connection.
    int fd = ::accept4(socket.descriptor(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno == EAGAIN) return true;
      if (!std::exchange(out_of_descriptors_, true)) {
        log_.error("accept failed, clients wait", kv("error", std::strerror(errno)));
      }
      return false;
    }
    out_of_descriptors_ = false;
    if (fd < kFirstDescriptor) {
      if (const int moved = ::fcntl(fd, F_DUPFD_CLOEXEC, kFirstDescriptor); moved >= 0) {
        ::close(fd);
        fd = moved;
      }
    }
    welcome(fd, socket);
  }
}

void Server::welcome(int fd, const net::ListenSocket& socket) {
  if (connections_.size() >= max_connections_) {
    ::close(fd);
    if (!std::exchange(too_many_, true)) {
      log_.error("too many connections, new ones are closed", kv("connections", max_connections_));
    }
    return;
  }
  too_many_ = false;
  const int on = 1;
  if (!socket.is_unix()) ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  const int family = socket.is_unix() ? AF_UNIX : AF_INET;
  boost::system::error_code failed;
  Connection::Socket client(control_.io());
  client.assign(asio::generic::stream_protocol(family, 0), fd, failed);
  if (failed) {
    ::close(fd);
    return;
  }
  connections_.spawn(
      Connection::serve(std::make_shared<Connection>(surroundings_, std::move(client))));
}

void Server::refuse() {
  listeners_.cancel();
  listeners_.join(Clock::now() + kMoment);
}

void Server::stop(TimePoint deadline) {
  refuse();
  connections_.cancel();
  connections_.join(Clock::now() + kMoment);
  if (calls_.join(deadline)) return;
  log_.warn("calls run past the grace period", kv("calls", calls_.size()));
  calls_.cancel();  // those that wait for their client
  calls_.join(Clock::now() + 100ms);
}

}  // namespace rr::rpc
