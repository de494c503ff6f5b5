#include "runtime/net/http2/connection.h"

#include <linux/futex.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "runtime/net/http/response.h"
#include "runtime/net/http2/server.h"

namespace rr::net::http2 {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::size_t kWriteBytes = 64 * 1024;  // frames that are put together for one write
constexpr std::size_t kKeptBytes = 16 * 1024;   // of the buffer of an idle connection

// The connection whose turn this thread has, or whose requests it is handing over: what is said to
// it meanwhile is sent afterwards.
thread_local const Connection* busy_here = nullptr;

char* scratch() {
  thread_local std::unique_ptr<char[]> buffer(new char[kReadBytes]);
  return buffer.get();
}

Stream& stream_of(SessionStream& stream) {
  return static_cast<Stream&>(stream);
}

std::int64_t unix_us_now() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

void release(const PinnedBytes& pin) {
  if (pin.release) pin.release(pin.owner);
}

}  // namespace

void Connection::open(int socket, const Peer& peer, std::unique_ptr<tls::Stream> stream,
                      std::string_view early) {
  turn_.take();  // who answered the last request of a former client may still look in
  socket_ = socket;
  peer_ = peer;
  stream_ = std::move(stream);
  session_ =
      std::make_unique<Session>(static_cast<SessionEvents&>(*this), server_.limits().session);
  out_.clear(kKeptBytes);
  open_ = true;
  eof_ = failed_ = blocked_ = lingering_ = false;
  look_at_ = Reactor::kNever;
  sent_at_ = Clock::now();
  handle_ = server_.reactor().add(socket, *this);
  const Connection* outer = std::exchange(busy_here, this);
  if (!early.empty()) session_->feed(early, sent_at_);
  busy_here = outer;
  turn_.give();
  drive();
}

void Connection::on_ready(Readiness) {
  drive();
}

void Connection::on_deadline(TimePoint now) {
  turn_.take();
  look_at_ = Reactor::kNever;
  if (open_) expire(now);
  turn_.give();
  drive();
}

void Connection::drive() {
  std::vector<Ready> ready;
  bool finished = false;
  for (;;) {
    std::vector<Wakeup> wakeups;
    turn_.take();
    const Connection* outer = std::exchange(busy_here, this);
    lingering_ ? read_away() : read_input();
    pass();
    if (ready.empty()) {
      ready.swap(ready_);
    } else {
      ready.insert(ready.end(), ready_.begin(), ready_.end());
      ready_.clear();
    }
    // After a FIN nothing can be asked for and no window opens: there is no half of a connection.
    const bool ends = failed_ || eof_;
    if (ends) close();
    wake(wakeups);
    finished = recyclable();
    busy_here = outer;
    turn_.give();
    for (const Wakeup& each : wakeups) each.resume(each.context);
    if (ends || server_.reactor().let_go(handle_)) break;
  }
  if (finished) return server_.closed(*this);
  deliver(ready);
  pump();
}

// The handler sees the requests when the connection is free for others.
void Connection::deliver(std::vector<Ready>& ready) {
  if (ready.empty()) return;
  const Connection* outer = std::exchange(busy_here, this);
  for (const Ready& each : ready) {
    if (each.answered) {
      each.transaction->conclude();
      each.transaction->release();
    } else if (each.stream->gone_.load(std::memory_order_acquire)) {
      // The client has reset it already.
      each.transaction->release();
      std::lock_guard lock(inbox_mutex_);
      each.stream->said_.concluded = true;
      note_locked(*each.stream);
    } else {
      server_.handler().handle(each.transaction);
    }
  }
  busy_here = outer;
}

void Connection::note_locked(Stream& stream) {
  if (!std::exchange(stream.noted_, true)) inbox_.push_back(&stream);
  noted_.store(true, std::memory_order_seq_cst);
}

void Connection::pump() {
  if (busy_here == this) return;
  while (noted_.load(std::memory_order_seq_cst)) {
    if (!turn_.try_take()) return;
    std::vector<Wakeup> wakeups;
    const Connection* outer = std::exchange(busy_here, this);
    pass();
    wake(wakeups);
    const bool finished = recyclable();
    busy_here = outer;
    turn_.give();
    for (const Wakeup& each : wakeups) each.resume(each.context);
    if (finished) return server_.closed(*this);
  }
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
  take_inbox();
  if (!open_) return;
  if (server_.draining()) session_->go_away(ErrorCode::none);
  if (!lingering_) flush();
  wind_up();
  set_deadline();
}

void Connection::take_inbox() {
  if (!noted_.load(std::memory_order_seq_cst)) return;
  {
    std::lock_guard lock(inbox_mutex_);
    taken_.swap(inbox_);
    noted_.store(false, std::memory_order_seq_cst);
    for (Stream* stream : taken_) stream->noted_ = false;
  }
  for (Stream* stream : taken_) {
    Stream::Said said;
    {
      std::lock_guard lock(inbox_mutex_);
      std::swap(said, stream->said_);
    }
    apply(*stream, said);
  }
  taken_.clear();
}

void Connection::apply(Stream& stream, Stream::Said& said) {
  if (stream.in_session_) {
    for (http::Answer& interim : said.interim) {
      session_->inform(stream, interim.status(), interim.fields());
    }
    if (stream.pieces_.empty()) {
      stream.pieces_.swap(said.pieces);
    } else {
      for (Stream::Piece& piece : said.pieces) stream.pieces_.push_back(std::move(piece));
    }
    stream.ended_ |= said.end;
    if (said.head) {
      http::Answer& answer = stream.answer_;
      const bool body = !answer.bodiless() && (!said.end || !stream.pieces_.empty() ||
                                               answer.cut_short() || !answer.trailers().empty());
      stream.submitted_ = true;
      stream.sent_ = !body;
      stream.progress_ = Clock::now();
      session_->answer(stream, answer.status(), answer.fields(), body);
    } else if (stream.submitted_) {
      session_->more_body(stream);
    }
    if (said.give_up) session_->reset(stream, ErrorCode::cancel);
  } else {
    for (const Stream::Piece& piece : said.pieces) release(piece.pin);
  }
  if (!said.concluded) return;
  --transactions_out_;
  stream.out_ = false;
  if (!stream.in_session_) forget(stream);
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
    when = Clock::now() + std::min(limits.request, limits.write) / 2;
    if (look_at_ <= when) return;
  }
  look_at_ = when;
  server_.reactor().set_deadline(handle_, when);
}

void Connection::expire(TimePoint now) {
  const ConnectionLimits& limits = server_.limits();
  if (lingering_ || (blocked_ && now >= sent_at_ + limits.write)) {
    failed_ = true;
    return;
  }
  if (streams_.empty()) return session_->go_away(ErrorCode::none);
  for (Stream* stream : streams_) {
    const bool receiving = !stream->complete_ && !stream->deaf_;
    if (receiving && now >= stream->progress_ + limits.request) {
      if (!stream->head_) {
        failed_ = true;  // in the middle of a head nothing else can be said
        return;
      }
      session_->reset(*stream, ErrorCode::cancel);
    } else if (stream->submitted_ && !stream->sent_ && stream->queued_ > 0 &&
               now >= stream->progress_ + limits.write) {
      session_->reset(*stream, ErrorCode::cancel);
    }
  }
}

// Needs the word, too.
void Connection::close() {
  if (stream_ && !failed_ && out_.empty()) stream_->end();
  open_ = false;
  for (Stream* stream : streams_) {
    stream->in_session_ = false;
    if (!stream->sent_) lose(*stream);
    if (!stream->out_) forget(*stream);
  }
  streams_.clear();
  session_.reset();
  stream_.reset();
  out_.clear(kKeptBytes);
  server_.reactor().close(handle_);
  ::close(socket_);
  socket_ = -1;
}

// True once: the caller gives the connection back when it has given the turn.
bool Connection::recyclable() {
  if (open_ || socket_ == kGivenBack || transactions_out_ > 0) return false;
  socket_ = kGivenBack;
  return true;
}

void Connection::lose(Stream& stream) {
  std::vector<Stream::Piece> unwanted;
  {
    std::lock_guard lock(inbox_mutex_);
    stream.gone_.store(true, std::memory_order_release);
    unwanted.swap(stream.said_.pieces);
    stream.said_.interim.clear();
  }
  for (const Stream::Piece& piece : unwanted) release(piece.pin);
  stream.drop_pieces();
  touched_.push_back(&stream);
}

void Connection::forget(Stream& stream) {
  if (stream.transaction_) stream.transaction_->release();
  {
    std::lock_guard lock(inbox_mutex_);
    // A writer may be paused whose exchange has been taken over.
    if (stream.resume_) left_paused_.push_back({stream.resume_, stream.resume_context_});
    stream.reset();
  }
  free_.push_back(&stream);
}

// Writers that waited for room, or for a client that has left.
void Connection::wake(std::vector<Wakeup>& wakeups) {
  for (Stream* stream : touched_) {
    stream->room_.fetch_add(1, std::memory_order_seq_cst);
    if (stream->awaited_.load(std::memory_order_seq_cst)) {
      syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&stream->room_), FUTEX_WAKE_PRIVATE, 1,
              nullptr, nullptr, 0);
    }
    std::lock_guard lock(inbox_mutex_);
    if (!stream->resume_) continue;
    if (!stream->gone_ && stream->queued_ > server_.limits().output_bytes / 2) continue;
    wakeups.push_back({std::exchange(stream->resume_, nullptr), stream->resume_context_});
  }
  touched_.clear();
  wakeups.insert(wakeups.end(), left_paused_.begin(), left_paused_.end());
  left_paused_.clear();
}

// Without the handler: the request is none that it should see.
void Connection::answer_plainly(Stream& stream, int status) {
  stream.deaf_ = true;
  stream.sent_ = true;
  const HeaderView date{"date", http::date_now()};
  session_->answer(stream, status, {&date, 1}, false);
}

void Connection::hand_over(Stream& stream, std::string_view body, bool answered) {
  http::Transaction* transaction = std::exchange(stream.transaction_, nullptr);
  if (!answered) transaction->publish(body);
  stream.out_ = true;
  stream.deaf_ = true;
  ++transactions_out_;
  ready_.push_back({&stream, transaction, answered});
}

// ---- SessionEvents

SessionStream* Connection::begin() {
  // Those that clients have reset count for as long as somebody works on them.
  if (transactions_out_ >= server_.limits().session.streams) return nullptr;
  if (free_.empty()) {
    all_.push_back(std::make_unique<Stream>(*this));
    free_.push_back(all_.back().get());
  }
  Stream& stream = *free_.back();
  free_.pop_back();
  stream.in_session_ = true;
  stream.transaction_ = server_.handler().make_transaction();
  stream.transaction_->attach(stream, server_.reactor(), handle_);
  stream.progress_ = Clock::now();
  stream.transaction_->set_received(stream.progress_, unix_us_now());
  streams_.push_back(&stream);
  return &stream;
}

bool Connection::field(SessionStream& session_stream, std::string_view name,
                       std::string_view value) {
  Stream& stream = stream_of(session_stream);
  if (stream.deaf_) return true;
  if (stream.builder_.field(stream.transaction_->block(), name, value,
                            server_.limits().session.head)) {
    return true;
  }
  stream.deaf_ = true;
  return false;
}

bool Connection::head(SessionStream& session_stream, bool has_body) {
  Stream& stream = stream_of(session_stream);
  stream.head_ = true;
  if (stream.deaf_) return true;
  http::Transaction& transaction = *stream.transaction_;
  http::RequestBlock& block = transaction.block();
  if (!stream.builder_.complete(block, has_body)) {
    stream.deaf_ = true;
    return false;
  }
  if (stream.builder_.too_large() || stream.builder_.bad_target()) {
    answer_plainly(stream, stream.builder_.too_large() ? 431 : 400);
    return true;
  }
  block.head.tls = stream_ != nullptr;
  block.head.remote_address = block.append(peer_.remote_address);
  block.head.local_address = block.append(peer_.local_address);
  block.head.remote_port = peer_.remote_port;
  block.head.local_port = peer_.local_port;
  transaction.publish({});
  switch (server_.handler().head_complete(transaction)) {
    case http::Handler::BodyPlan::read:
      if (!has_body) {
        hand_over(stream, {}, false);
      } else if (block.head.expect_continue) {
        session_->inform(stream, 100, {});
      }
      break;
    case http::Handler::BodyPlan::skip:
      hand_over(stream, {}, false);
      break;
    case http::Handler::BodyPlan::refuse:
      hand_over(stream, {}, true);
      break;
  }
  return true;
}

void Connection::data(SessionStream& session_stream, std::string_view bytes) {
  Stream& stream = stream_of(session_stream);
  if (stream.deaf_) return;
  stream.progress_ = Clock::now();
  ByteBuffer& body = stream.transaction_->body_buffer();
  if (body.size() + bytes.size() <= server_.handler().max_body_bytes()) return body.append(bytes);
  server_.handler().body_failed(*stream.transaction_, http::Handler::BodyError::too_large, {});
  hand_over(stream, {}, true);
}

void Connection::complete(SessionStream& session_stream) {
  Stream& stream = stream_of(session_stream);
  stream.complete_ = true;
  if (!stream.deaf_) hand_over(stream, stream.transaction_->body_buffer().view(), false);
}

void Connection::closed(SessionStream& session_stream) {
  Stream& stream = stream_of(session_stream);
  stream.in_session_ = false;
  std::erase(streams_, &stream);
  if (!stream.sent_) lose(stream);
  if (!stream.out_) forget(stream);
}

}  // namespace rr::net::http2
