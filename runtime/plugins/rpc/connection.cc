#include "runtime/plugins/rpc/connection.h"

#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace rr::rpc {

namespace {

using namespace std::chrono_literals;

constexpr auto kReply = asio::as_tuple(asio::use_awaitable);
constexpr auto kDrain = 2s;  // spec 01 §1.5
constexpr std::size_t kKeptInput = 4096;

}  // namespace

// A call that is being answered: owns its bytes and counts on its connection while it exists.
class Connection::Call {
 public:
  Call(std::shared_ptr<Connection> connection, const goridge::RpcMessage& call)
      : connection_(std::move(connection)),
        payload_(std::string(call.method) += call.body),
        method_size_(call.method.size()),
        flags_(call.flags),
        sequence_(call.sequence) {
    ++connection_->calls_;
    connection_->held_ += payload_.size();
  }
  Call(Call&&) = default;
  ~Call() {
    if (!connection_) return;
    --connection_->calls_;
    connection_->held_ -= payload_.size();
    connection_->changed();
  }

  Connection& connection() const { return *connection_; }
  goridge::RpcMessage message() const {
    const std::string_view payload = payload_;
    return {flags_, sequence_, payload.substr(0, method_size_), payload.substr(method_size_)};
  }

 private:
  std::shared_ptr<Connection> connection_;
  std::string payload_;
  std::size_t method_size_;
  std::uint8_t flags_;
  std::uint32_t sequence_;
};

Connection::Connection(Surroundings& surroundings, Socket socket)
    : surroundings_(surroundings),
      socket_(std::move(socket)),
      change_(socket_.get_executor(), asio::steady_timer::time_point::max()) {}

Task<void> Connection::serve(std::shared_ptr<Connection> self) {
  try {
    const End end = co_await self->read_calls();
    if (end == End::no_call) co_await self->turn_away();
  } catch (const boost::system::system_error&) {
    throw;  // cancelled
  } catch (const std::exception& e) {
    self->surroundings_.log.error("connection failed", kv("error", e.what()));
  }
}

Task<Connection::End> Connection::read_calls() {
  goridge::FrameReader reader(kMaxPayload);
  for (;;) {
    std::string_view rest = input_;
    for (;;) {
      const goridge::Parse parsed = reader.parse(rest);
      if (parsed == goridge::Parse::malformed) co_return End::no_call;
      if (parsed == goridge::Parse::incomplete) break;
      const auto message = goridge::rpc_message(reader.header(), reader.payload(rest));
      if (!message) co_return End::no_call;
      surroundings_.calls.spawn(answer(Call(shared_from_this(), *message)));
      rest.remove_prefix(reader.frame_size());
      while (crowded()) co_await change();  // No deadline: a call may take its time.
    }
    input_.erase(0, input_.size() - rest.size());
    if (input_.empty() && input_.capacity() > kKeptInput) std::string().swap(input_);

    // No deadline: PHP keeps its connections for as long as it runs.
    const auto [error] = co_await socket_.async_wait(Socket::wait_read, kReply);
    if (error) co_return End::closed;
    const ssize_t got = receive();
    if (got > 0) input_.append(surroundings_.scratch.data(), static_cast<std::size_t>(got));
    if (got == 0 || (got < 0 && errno != EAGAIN)) co_return End::closed;
  }
}

// The replies, then the end, and no reset behind them: what the client has yet to send is read for
// a moment, because a socket closed over unread bytes loses what it sent.
Task<void> Connection::turn_away() {
  while (busy()) co_await change();
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  const TimePoint deadline = Clock::now() + kDrain;
  asio::steady_timer timer(socket_.get_executor(), deadline);
  timer.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    boost::system::error_code none;
    if (!error) self->socket_.cancel(none);
  });
  while (Clock::now() < deadline) {
    const auto [error] = co_await socket_.async_wait(Socket::wait_read, kReply);
    if (error) break;
    const ssize_t got = receive();
    if (got == 0 || (got < 0 && errno != EAGAIN)) break;
  }
}

ssize_t Connection::receive() {
  for (;;) {
    const ssize_t got = ::recv(socket_.native_handle(), surroundings_.scratch.data(),
                               surroundings_.scratch.size(), MSG_DONTWAIT);
    if (got >= 0 || errno != EINTR) return got;
  }
}

Task<void> Connection::answer(Call call) {
  Connection& connection = call.connection();
  const Router& router = connection.surroundings_.router;
  std::string frame;
  if (router.blocks(call.message())) {
    frame = co_await connection.surroundings_.control.block(
        [&router, &call] { return router.answer(call.message()); });
  } else {
    frame = router.answer(call.message());
  }
  co_await connection.send(std::move(frame));
}

// Whoever finds nobody writing writes what comes up meanwhile, too.
Task<void> Connection::send(std::string frame) {
  held_ += frame.size();
  output_.push_back(std::move(frame));
  if (std::exchange(writing_, true)) co_return;
  while (!output_.empty()) {
    const std::string next = std::move(output_.front());
    output_.pop_front();
    // No deadline: clients may read replies late (spec 01 §9.2).
    const auto [error, sent] = co_await asio::async_write(socket_, asio::buffer(next), kReply);
    held_ -= next.size();
    if (error) {
      boost::system::error_code ignored;
      socket_.shutdown(Socket::shutdown_both, ignored);  // ends the reading
      for (const std::string& lost : output_) held_ -= lost.size();
      output_.clear();
    }
    changed();
  }
  writing_ = false;
  changed();
}

Task<void> Connection::change() {
  const auto [ignored] = co_await change_.async_wait(kReply);
  (void)ignored;
}

}  // namespace rr::rpc
