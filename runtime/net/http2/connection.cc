#include "runtime/net/http2/connection.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "runtime/net/http2/server.h"

namespace rr::net::http2 {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::size_t kWriteBytes = 64 * 1024;  // frames that are put together for one write
constexpr std::size_t kKeptBytes = 16 * 1024;   // of the buffer of an idle connection

char* scratch() {
  thread_local std::unique_ptr<char[]> buffer(new char[kReadBytes]);
  return buffer.get();
}

}  // namespace

Connection::Connection(Server& server)
    : server_(server), streams_(*this, server.handler(), server.limits(), HttpVersion::http2) {}

void Connection::open(int socket, const Peer& peer, std::unique_ptr<tls::Stream> stream,
                      std::string_view early) {
  streams_.enter();  // who answered the last request of a former client may still look in
  socket_ = socket;
  peer_ = peer;
  stream_ = std::move(stream);
  session_ = std::make_unique<Session>(streams_.events(), server_.limits().of_session());
  out_.clear(kKeptBytes);
  open_ = true;
  eof_ = failed_ = blocked_ = lingering_ = false;
  look_at_ = Reactor::kNever;
  sent_at_ = Clock::now();
  handle_ = server_.reactor().add(socket, *this);
  streams_.open(*session_, peer_, stream_ != nullptr, &server_.reactor(), handle_);
  if (!early.empty()) session_->feed(early, sent_at_);
  static_cast<void>(streams_.leave());  // open: not finished
  drive();
}

void Connection::on_ready(Readiness) {
  drive();
}

void Connection::on_deadline(TimePoint now) {
  streams_.enter();
  look_at_ = Reactor::kNever;
  expire(now);
  static_cast<void>(streams_.leave());  // only drive() closes
  drive();
}

void Connection::drive() {
  streams::Streams::ReadyList ready;
  bool finished_here = false;
  for (;;) {
    streams_.enter();
    lingering_ ? read_away() : read_input();
    pass();
    streams_.take_ready(ready);
    // After a FIN nothing can be asked for and no window opens: there is no half of a connection.
    const bool ends = failed_ || eof_;
    if (ends) close();
    finished_here = streams_.leave();
    if (ends || server_.reactor().let_go(handle_)) break;
  }
  if (finished_here) return finished();
  streams_.deliver(ready);
  streams_.pump();
}

void Connection::finished() {
  server_.closed(*this);
}

// ---- who has the turn

void Connection::read_input() {
  char* const into = scratch();
  while (open_ && !eof_ && !failed_) {
    const ssize_t count =
        stream_ ? stream_->read(into, kReadBytes) : ::recv(socket_, into, kReadBytes, 0);
    if (count < 0) {
      if (errno == EINTR) continue;
      failed_ = errno != EAGAIN && errno != EWOULDBLOCK;
      return;
    }
    if (count == 0) {
      eof_ = true;
      return;
    }
    const auto bytes = static_cast<std::size_t>(count);
    if (!session_->feed({into, bytes}, Clock::now())) return;
    // The client's FIN may come right behind what was read, in the same event.
    if (bytes < kReadBytes && (!stream_ || stream_->drained()) &&
        !server_.reactor().hung_up(handle_)) {
      return;
    }
  }
}

// Closing over unread bytes would reset the connection before the client has read the last frames.
void Connection::read_away() {
  char* const into = scratch();
  while (open_ && !eof_) {
    const ssize_t count = ::recv(socket_, into, kReadBytes, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (count <= 0) eof_ = true;
  }
}

void Connection::pass() {
  streams_.take_inbox();
  if (!open_) return;
  if (server_.draining()) session_->go_away(ErrorCode::none);
  if (!lingering_) flush();
  wind_up();
  set_deadline();
}

void Connection::flush() {
  blocked_ = false;
  for (;;) {
    session_->produce(out_, kWriteBytes);
    if (out_.empty() && !(stream_ && stream_->unsent())) break;
    const ssize_t count = send_some();
    if (count < 0) {
      if (errno == EINTR) continue;
      blocked_ = errno == EAGAIN || errno == EWOULDBLOCK;
      failed_ |= !blocked_;
      return;
    }
    out_.consume(static_cast<std::size_t>(count));
    sent_at_ = Clock::now();
  }
  if (out_.room_size() > kKeptBytes) out_.clear(kKeptBytes);
}

ssize_t Connection::send_some() {
  const std::string_view bytes = out_.view();
  if (!stream_) return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  const iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  return stream_->send(&part, 1);
}

// Ends our side once all is said. Only who has the word closes: the socket's end is an event.
void Connection::wind_up() {
  if (failed_) {
    ::shutdown(socket_, SHUT_RDWR);
    return;
  }
  if (lingering_ || blocked_) return;
  if (!session_->over()) return;
  lingering_ = true;
  if (stream_) stream_->end();
  ::shutdown(socket_, SHUT_WR);
  look_at_ = Clock::now() + server_.limits().linger;
  server_.reactor().set_deadline(handle_, look_at_);
}

void Connection::set_deadline() {
  if (lingering_ || failed_) return;
  const ConnectionLimits& limits = server_.limits();
  TimePoint when;
  if (blocked_) {
    when = sent_at_ + limits.write;
  } else if (streams_.empty()) {
    when = Clock::now() + limits.idle;
  } else {
    // Streams have deadlines of their own, which are looked at now and then.
    when = Clock::now() + streams_.expiry_step();
    if (look_at_ <= when) return;
  }
  look_at_ = when;
  server_.reactor().set_deadline(handle_, when);
}

void Connection::expire(TimePoint now) {
  if (lingering_ || (blocked_ && now >= sent_at_ + server_.limits().write)) {
    failed_ = true;
    return;
  }
  if (streams_.empty()) return session_->go_away(ErrorCode::none);
  if (!streams_.expire(now)) failed_ = true;
}

// Needs the word, too.
void Connection::close() {
  if (stream_ && !failed_ && out_.empty()) stream_->end();
  open_ = false;
  streams_.shut();
  session_.reset();
  stream_.reset();
  out_.clear(kKeptBytes);
  server_.reactor().close(handle_);
  ::close(socket_);
  socket_ = -1;
}

}  // namespace rr::net::http2
