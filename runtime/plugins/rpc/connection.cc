#include "runtime/plugins/rpc/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

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
  // `bytes` holds the method at `at`, and the body behind it.
  Call(std::shared_ptr<Connection> connection, const goridge::RpcMessage& call, std::string bytes,
       std::size_t at)
      : connection_(std::move(connection)),
        bytes_(std::move(bytes)),
        at_(at),
        method_size_(call.method.size()),
        flags_(call.flags),
        sequence_(call.sequence) {
    ++connection_->calls_;
    connection_->hold(bytes_.size());
  }
  Call(Call&&) = default;
  ~Call() {
    if (!connection_) return;
    --connection_->calls_;
    connection_->let_go(bytes_.size());
  }

  const std::shared_ptr<Connection>& connection() const { return connection_; }
  goridge::RpcMessage message() const {
    const std::string_view payload = std::string_view(bytes_).substr(at_);
    return {flags_, sequence_, payload.substr(0, method_size_), payload.substr(method_size_)};
  }

 private:
  std::shared_ptr<Connection> connection_;
  std::string bytes_;
  std::size_t at_;
  std::size_t method_size_;
  std::uint8_t flags_;
  std::uint32_t sequence_;
};

Connection::Connection(Surroundings& surroundings, Socket socket)
    : Account(surroundings.memory),
      surroundings_(surroundings),
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

// ---------------------------------------------------------------- calls

Task<Connection::End> Connection::read_calls() {
  for (;;) {
    switch (take_calls()) {
      case Progress::want_input:
        break;
      case Progress::crowded:
        co_await change();  // No deadline: a call may take its time.
        continue;
      case Progress::more_calls:  // after the others
        co_await asio::post(socket_.get_executor(), asio::use_awaitable);
        continue;
      case Progress::no_call:
        co_return End::no_call;
      case Progress::evicted:
        co_return End::closed;
    }
    // No deadline: PHP keeps its connections for as long as it runs.
    const auto [error] = co_await socket_.async_wait(Socket::wait_read, kReply);
    if (error) co_return End::closed;
    const ssize_t got = receive();
    if (got > 0) append_input({surroundings_.scratch.data(), static_cast<std::size_t>(got)});
    if (got == 0 || (got < 0 && errno != EAGAIN)) co_return End::closed;
  }
}

// Answers what is quick and sets off the rest, as far as the input goes. Replies that are ready
// together leave together.
Connection::Progress Connection::take_calls() {
  std::string replies;
  Progress progress = Progress::more_calls;
  for (std::size_t quick = 0; progress == Progress::more_calls && quick < kQuickCallsInATurn;) {
    progress = evicted()   ? Progress::evicted
               : crowded() ? Progress::crowded
                           : take_call(replies, quick);
  }
  drop_taken_input();
  if (!replies.empty() && reply(std::move(replies)) == Rest::to_write) {
    surroundings_.calls.spawn(write_rest(shared_from_this()));
  }
  return progress;
}

Connection::Progress Connection::take_call(std::string& replies, std::size_t& quick) {
  goridge::FrameReader reader(kMaxPayload);
  const std::string_view rest = std::string_view(input_).substr(taken_);
  const goridge::Parse parsed = reader.parse(rest);
  need_ = reader.need();
  if (parsed == goridge::Parse::incomplete) return Progress::want_input;
  if (parsed == goridge::Parse::malformed) return Progress::no_call;
  const auto message = goridge::rpc_message(reader.header(), reader.payload(rest));
  if (!message) return Progress::no_call;
  std::optional<std::string> frame;
  if (message->method.size() + message->body.size() <= kMaxQuickBytes)
    frame = surroundings_.router.answer_at_once(*message);
  if (!frame) {
    spawn_call(*message, reader.header().size());
    return Progress::more_calls;
  }
  ++quick;
  taken_ += reader.frame_size();
  replies = replies.empty() ? std::move(*frame) : std::move(replies) + *frame;
  return Progress::more_calls;
}

// A large call is, as a rule, all that its client has sent: its bytes then need no copy.
void Connection::spawn_call(const goridge::RpcMessage& message, std::size_t header_size) {
  const std::size_t payload_size = message.method.size() + message.body.size();
  const std::size_t frame_size = header_size + payload_size;
  const bool alone = taken_ == 0 && input_.size() == frame_size;
  std::string bytes;
  std::size_t at = 0;
  if (alone && frame_size > kKeptInput) {
    bytes.swap(input_);
    at = header_size;
  } else {
    bytes = input_.substr(taken_ + header_size, payload_size);
    taken_ += frame_size;
  }
  surroundings_.calls.spawn(answer(Call(shared_from_this(), message, std::move(bytes), at)));
}

Task<void> Connection::answer(Call call) {
  const std::shared_ptr<Connection> connection = call.connection();
  const Router& router = connection->surroundings_.router;
  std::string frame = co_await connection->surroundings_.control.block(
      [&router, &call] { return router.answer(call.message()); });
  if (connection->reply(std::move(frame)) == Rest::to_write) {
    co_await write_rest(connection);
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

// ---------------------------------------------------------------- input

ssize_t Connection::receive() {
  for (;;) {
    const ssize_t got = ::recv(socket_.native_handle(), surroundings_.scratch.data(),
                               surroundings_.scratch.size(), MSG_DONTWAIT);
    if (got >= 0 || errno != EINTR) return got;
  }
}

// Grows with what has come, and never beyond the frame that it is to hold.
void Connection::append_input(std::string_view bytes) {
  const std::size_t size = input_.size() + bytes.size();
  if (size <= input_.capacity()) {
    input_.append(bytes);
    return;
  }
  std::string grown;
  grown.reserve(std::max(size, std::min(need_, 2 * input_.capacity())));
  input_ = std::move(grown.append(input_).append(bytes));
  recount();
}

void Connection::drop_taken_input() {
  input_.erase(0, std::exchange(taken_, 0));
  if (!input_.empty() || input_.capacity() <= kKeptInput) return;
  std::string().swap(input_);
  recount();
}

// ---------------------------------------------------------------- output

// What the socket does not take at once is kept. To be written by the caller, unless somebody
// writes already: that one goes on with what comes up meanwhile.
Connection::Rest Connection::reply(std::string frames) {
  if (evicted()) return Rest::none;
  const std::size_t sent = writing_ ? 0 : send_some(frames);
  if (sent == frames.size()) return Rest::none;
  if (!writing_) written_ = sent;
  const std::size_t size = frames.size();
  output_.push_back(std::move(frames));
  hold(size);
  return std::exchange(writing_, true) ? Rest::none : Rest::to_write;
}

Task<void> Connection::write_rest(std::shared_ptr<Connection> self) {
  Connection& connection = *self;
  do {
    // No deadline: clients may read replies late (spec 01 §9.2).
    const auto [error] = co_await connection.socket_.async_wait(Socket::wait_write, kReply);
    if (error) connection.lose_client();
  } while (connection.write_kept() == Rest::to_write);
  connection.writing_ = false;
  connection.changed();
}

Connection::Rest Connection::write_kept() {
  while (!output_.empty()) {
    const std::size_t size = output_.front().size();
    written_ += send_some(std::string_view(output_.front()).substr(written_));
    if (output_.empty()) break;  // the client is lost
    if (written_ < size) return Rest::to_write;
    written_ = 0;
    output_.pop_front();
    let_go(size);
  }
  return Rest::none;
}

// How many of them the socket took; all, so to say, when the client is lost.
std::size_t Connection::send_some(std::string_view bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t more = ::send(socket_.native_handle(), bytes.data() + sent, bytes.size() - sent,
                                MSG_DONTWAIT | MSG_NOSIGNAL);
    if (more >= 0) {
      sent += static_cast<std::size_t>(more);
    } else if (errno == EAGAIN) {
      return sent;
    } else if (errno != EINTR) {
      lose_client();
      break;
    }
  }
  return bytes.size();
}

// Ends the reading, too. Nothing that is ready has anywhere to go.
void Connection::lose_client() {
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
  std::size_t lost = 0;
  for (const std::string& frames : output_) lost += frames.size();
  output_.clear();
  written_ = 0;
  let_go(lost);
}

// ---------------------------------------------------------------- what it holds

void Connection::hold(std::size_t bytes) {
  held_ += bytes;
  recount();
}

void Connection::let_go(std::size_t bytes) {
  held_ -= bytes;
  recount();
  changed();
}

void Connection::evict() {
  surroundings_.log.warn("connection is closed, it holds the most of what all of them may hold",
                         kv("bytes", held_ + input_.capacity()));
  std::string().swap(input_);
  taken_ = 0;
  lose_client();
}

Task<void> Connection::change() {
  const auto [ignored] = co_await change_.async_wait(kReply);
  (void)ignored;
}

}  // namespace rr::rpc
