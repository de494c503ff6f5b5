#include "runtime/net/http1/connection.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "runtime/net/http/response.h"
#include "runtime/net/http1/server.h"

namespace rr::net::http1 {
namespace {

constexpr std::size_t kReadBytes = 8 * 1024;        // for a head
constexpr std::size_t kBodyReadBytes = 256 * 1024;  // at a time, of a body
constexpr std::size_t kPinFrom = 4 * 1024;          // less is copied
constexpr std::size_t kSendWhole = 2 * 1024;   // of an answer: up to here its parts are sent as one
constexpr std::size_t kReadFile = 32 * 1024;   // less of a file is read and sent with its head
constexpr std::size_t kFilePiece = 64 * 1024;  // of a file that is encrypted
constexpr std::size_t kFileTurn = 4 * 1024 * 1024;  // of a file, before others get their turn
// The connection whose request this thread is handing to the handler; null once it is concluded.
// While it is, answers of others may be concluded, and their next requests handed over in turn.
thread_local const Connection* handing_over = nullptr;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// Where input that is decoded or thrown away passes through.
char* scratch() {
  thread_local std::unique_ptr<char[]> buffer(new char[kBodyReadBytes]);
  return buffer.get();
}

// Heads and chunk frames are put together here and sent in the same call.
std::string& text() {
  thread_local std::string buffer;
  buffer.clear();
  return buffer;
}

std::int64_t unix_us_now() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// What the socket takes of the three, as sendmsg(2). A short answer is copied together: that costs
// less than the kernel's reading of a list of parts.
ssize_t send_now(int socket, tls::Stream* stream, std::string_view head, std::string_view body,
                 std::string_view tail, std::size_t total) {
  constexpr int kFlags = MSG_NOSIGNAL | MSG_DONTWAIT;
  if (char whole[kSendWhole]; !stream && total <= sizeof whole) {
    char* end = std::copy(head.begin(), head.end(), whole);
    end = std::copy(body.begin(), body.end(), end);
    std::copy(tail.begin(), tail.end(), end);
    return ::send(socket, whole, total, kFlags);
  }
  iovec parts[3] = {{const_cast<char*>(head.data()), head.size()},
                    {const_cast<char*>(body.data()), body.size()},
                    {const_cast<char*>(tail.data()), tail.size()}};
  if (stream) return stream->send(parts, 3);
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 3;
  return sendmsg(socket, &message, kFlags);
}

// A piece of the file by way of memory: what is encrypted cannot go from file to socket.
ssize_t send_piece(tls::Stream& stream, const FileBytes& file) {
  thread_local std::unique_ptr<char[]> buffer(new char[kFilePiece]);
  const ssize_t read =
      pread(file.descriptor, buffer.get(), std::min<std::uint64_t>(file.length, kFilePiece),
            static_cast<off_t>(file.offset));
  if (read <= 0) return 0;
  const iovec part{buffer.get(), static_cast<std::size_t>(read)};
  ssize_t sent;
  do {
    sent = stream.send(&part, 1);
  } while (sent == 0 || (sent < 0 && errno == EINTR));
  return sent;
}

// What the socket takes of the file, as sendfile(2); moves the range on. 0: the file has become
// shorter.
ssize_t send_some(int socket, tls::Stream* stream, FileBytes& file) {
  auto offset = static_cast<off_t>(file.offset);
  ssize_t count;
  do {
    count = stream ? send_piece(*stream, file)
                   : sendfile(socket, file.descriptor, &offset,
                              std::min<std::uint64_t>(file.length, kFileTurn));
  } while (count < 0 && errno == EINTR);
  if (count > 0) {
    file.offset += static_cast<std::uint64_t>(count);
    file.length -= static_cast<std::uint64_t>(count);
  }
  return count;
}

// A short file, whole, in memory of the thread; empty when it cannot be read or is shorter by now.
std::string_view read_short(const FileBytes& file) {
  thread_local std::unique_ptr<char[]> buffer(new char[kReadFile]);
  const ssize_t count =
      pread(file.descriptor, buffer.get(), file.length, static_cast<off_t>(file.offset));
  if (count < 0 || static_cast<std::uint64_t>(count) != file.length) return {};
  return {buffer.get(), static_cast<std::size_t>(count)};
}

template <class Bytes>
void release(const Bytes& pin) {
  if (pin.release) pin.release(pin.owner);
}

}  // namespace

void Connection::open(int socket, const Peer& peer, std::unique_ptr<tls::Stream> stream) {
  socket_ = socket;
  peer_ = peer;
  stream_ = std::move(stream);
  stage_ = Stage::head;
  input_ = Input::unknown;
  close_after_ = eof_ = body_unread_ = answer_begun_ = false;
  fresh_ = true;
  carry_.clear(0);
  parser_ = HeadParser(server_.limits().parser);
  {
    std::lock_guard lock(output_mutex_);
    output_failed_ = false;
  }
  handle_ = server_.reactor().add(socket, *this);
  {
    std::lock_guard lock(output_mutex_);
    output_generation_ = handle_.generation;
  }
  drive();
}

void Connection::on_ready(Readiness readiness) {
  // A server that closes idle connections still serves a request that has arrived.
  if (readiness.readable || readiness.hang_up || server_.closes_idle()) input_ = Input::unknown;
  drive();
}

void Connection::on_deadline(TimePoint) {
  give_up();
}

// A client that is too slow, or idle for too long.
void Connection::give_up() {
  close();
}

void Connection::drive() {
  for (;;) {
    if (output_pending()) {
      const Flush flushed = flush();
      if (flushed == Flush::failed) return close();
      if (flushed == Flush::blocked) {
        if (server_.reactor().let_go(handle_)) return;
        input_ = Input::unknown;
        continue;
      }
    }
    const Next next = advance();
    if (next == Next::handed_over || next == Next::closed) return;
    if (next == Next::again) continue;
    if (input_ == Input::none ||
        (input_ == Input::taken && (eof_ || !server_.reactor().hung_up(handle_)))) {
      if (stage_ == Stage::head && !transaction_ && !fresh_ && server_.closes_idle())
        return close();
      wait_deadline();
      if (server_.reactor().let_go(handle_)) return;
      input_ = Input::unknown;
      continue;
    }
    if (!read_some()) return;
  }
}

void Connection::wait_deadline() {
  const ConnectionLimits& limits = server_.limits();
  switch (stage_) {
    case Stage::head:
      if (!transaction_) {
        // Who has only just connected is about to ask, and would take a close for a failure.
        deadline_in(fresh_ && server_.closes_idle() ? limits.first : limits.idle);
      } else {
        fixed_deadline(limits.header);
      }
      break;
    case Stage::body:
      deadline_in(limits.body);
      break;
    case Stage::drain:
    case Stage::linger:
      fixed_deadline(limits.linger);
      break;
    case Stage::exchange:
    case Stage::closed:
      break;
  }
}

// Counts from its first call in a stage: a trickle of bytes does not move it.
void Connection::fixed_deadline(Duration duration) {
  if (deadline_fixed_) return;
  deadline_fixed_ = true;
  deadline_in(duration);
}

void Connection::deadline_in(Duration duration) {
  // Kept to 50 ms only: the clock that costs nothing to read is good enough.
  timespec now;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  const auto since_boot = std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
  server_.reactor().set_deadline(handle_, TimePoint(since_boot) + duration);
}

// One read. False: the connection has been closed.
bool Connection::read_some() {
  char* into = nullptr;
  std::size_t room = 0;
  bool keep_scratch = false;
  switch (stage_) {
    case Stage::head:
      if (!transaction_) begin_request();
      into = transaction_->block().room(kReadBytes);
      room = transaction_->block().room_size();
      break;
    case Stage::body:
      if (!chunked_body_) {
        room = std::min<std::uint64_t>(body_left_, kBodyReadBytes);
        into = transaction_->body_buffer().room(room);
        break;
      }
      [[fallthrough]];
    default:
      into = scratch();
      room = kBodyReadBytes;
      keep_scratch = true;
      break;
  }
  // What nobody looks at any more need not be decrypted.
  tls::Stream* const stream = stage_ == Stage::linger ? nullptr : stream_.get();
  const ssize_t count = stream ? stream->read(into, room) : recv(socket_, into, room, 0);
  if (count < 0) {
    if (errno == EINTR) return true;
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      input_ = Input::none;
      drop_unbegun_request();
      return true;
    }
    close();
    return false;
  }
  if (count == 0) {
    eof_ = true;
    input_ = Input::taken;
    return end_of_input();
  }
  const auto bytes = static_cast<std::size_t>(count);
  if (bytes < room && (!stream || stream->drained())) input_ = Input::taken;
  if (keep_scratch) {
    if (stage_ != Stage::linger) carry_.append({into, bytes});
  } else if (stage_ == Stage::head) {
    transaction_->block().commit(bytes);
  } else {
    transaction_->body_buffer().commit(bytes);
    body_left_ -= bytes;
  }
  return true;
}

// The client sends no more. False: the connection has been closed.
bool Connection::end_of_input() {
  if (stage_ == Stage::body) {
    body_error(http::Handler::BodyError::cut_off);
    return stage_ != Stage::closed;
  }
  close();
  return false;
}

Connection::Next Connection::advance() {
  switch (stage_) {
    case Stage::head: {
      if (!transaction_) {
        if (carry_.empty()) return Next::read;
        begin_request();
        take_carry_into_block();
      }
      switch (parser_.parse(transaction_->block())) {
        case HeadResult::incomplete:
          return Next::read;
        case HeadResult::refused:
          if (begins_http2()) return leave_to_http2();
          return refuse(parser_.refusal().status, parser_.refusal().reason);
        case HeadResult::complete:
          return after_head();
      }
      return Next::read;
    }
    case Stage::body:
      return advance_body();
    case Stage::drain:
      return advance_drain();
    case Stage::linger:
      return advance_linger();
    case Stage::exchange:
    case Stage::closed:
      break;
  }
  return Next::closed;
}

void Connection::begin_request() {
  transaction_ = server_.handler().make_transaction();
  transaction_->attach(*this, server_.reactor(), handle_);
  transaction_->set_received(Clock::now(), unix_us_now());
  parser_.reset();
  deadline_fixed_ = false;
  answer_begun_ = false;
}

// Nothing came after all: an idle connection holds no memory for requests.
void Connection::drop_unbegun_request() {
  if (stage_ != Stage::head || !transaction_ || transaction_->block().size() != 0) return;
  transaction_->release();
  transaction_ = nullptr;
}

void Connection::take_carry_into_block() {
  http::RequestBlock& block = transaction_->block();
  const std::string_view bytes = carry_.view();
  std::memcpy(block.room(bytes.size()), bytes.data(), bytes.size());
  block.commit(bytes.size());
  carry_.clear();
}

bool Connection::begins_http2() const {
  constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n";
  const http::RequestBlock& block = transaction_->block();
  return server_.http2() && !stream_ && fresh_ &&
         std::string_view(block.data(), block.size()).starts_with(kPreface);
}

// The socket goes on under another protocol; this object is free.
Connection::Next Connection::leave_to_http2() {
  const http::RequestBlock& block = transaction_->block();
  const std::string bytes(block.data(), block.size());
  const int socket = socket_;
  const Peer peer = std::move(peer_);
  PrefaceAcceptor& http2 = *server_.http2();
  retire();
  http2.accept_preface(socket, peer, bytes);
  return Next::closed;
}

// The request is answered by us, literally, and nothing after it is looked at.
Connection::Next Connection::refuse(int status, std::string_view reason) {
  std::string& out = text();
  write_refusal(out, status, reason);
  send(out, {}, {});
  transaction_->release();
  transaction_ = nullptr;
  return linger_or_close();
}

Connection::Next Connection::after_head() {
  http::RequestBlock& block = transaction_->block();
  HttpHead& head = block.head;
  const std::size_t head_size = parser_.head_size();
  const std::string_view rest(block.data() + head_size, block.size() - head_size);
  chunked_body_ = head.chunked;
  const std::uint64_t declared =
      head.content_length > 0 ? static_cast<std::uint64_t>(head.content_length) : 0;
  const bool has_body = chunked_body_ || declared > 0;

  // A body that came whole with its head stays where it is; what belongs to nobody yet moves out.
  const bool inline_body = !chunked_body_ && declared > 0 && declared <= rest.size();
  const std::size_t kept = inline_body ? declared : 0;
  carry_.append(rest.substr(kept));
  block.truncate(head_size + kept);
  head.remote_address = block.append(peer_.remote_address);
  head.local_address = block.append(peer_.local_address);
  head.tls = stream_ != nullptr;
  head.remote_port = peer_.remote_port;
  head.local_port = peer_.local_port;
  transaction_->publish({});

  if (parser_.expectation_failed()) {
    body_unread_ = has_body;
    close_after_ = true;
    transaction_->answer_at_once({.status = 417}, {});
    return answered_here();
  }
  close_after_ = true;  // what the handler answers now is the last answer and says so
  const http::Handler::BodyPlan plan = server_.handler().head_complete(*transaction_);
  if (plan != http::Handler::BodyPlan::refuse) close_after_ = false;
  switch (plan) {
    case http::Handler::BodyPlan::read:
      break;
    case http::Handler::BodyPlan::skip:
      body_unread_ = has_body;
      body_left_ = declared;
      chunked_.reset();
      if (inline_body) {  // it is read away after the answer
        const std::string saved(carry_.view());
        carry_.clear();
        carry_.append({block.data() + head_size, kept});
        carry_.append(saved);
      }
      return hand_over({});
    case http::Handler::BodyPlan::refuse:
      body_unread_ = has_body;
      return answered_here();
  }
  if (!has_body) return hand_over({});
  if (inline_body) return hand_over({block.data() + head_size, kept});
  stage_ = Stage::body;
  body_left_ = declared;
  chunked_.reset();
  if (head.expect_continue && carry_.empty() && head.version == HttpVersion::http11) {
    send(kContinue, {}, {});
  }
  return Next::again;
}

Connection::Next Connection::advance_body() {
  ByteBuffer& body = transaction_->body_buffer();
  if (!chunked_body_) {
    const std::string_view ready =
        carry_.view().substr(0, std::min<std::uint64_t>(body_left_, carry_.size()));
    body.append(ready);
    body_left_ -= ready.size();
    carry_.consume(ready.size());
    return body_left_ == 0 ? hand_over(body.view()) : Next::read;
  }
  std::string_view input = carry_.view();
  std::string_view piece;
  for (;;) {
    switch (chunked_.next(input, piece)) {
      case ChunkedDecoder::Step::data:
        if (body.size() + piece.size() > server_.handler().max_body_bytes(*transaction_)) {
          carry_.consume(carry_.size() - input.size());
          return body_error(http::Handler::BodyError::too_large);
        }
        body.append(piece);
        break;
      case ChunkedDecoder::Step::more:
        carry_.consume(carry_.size() - input.size());
        return Next::read;
      case ChunkedDecoder::Step::done:
        carry_.consume(carry_.size() - input.size());
        return hand_over(body.view());
      case ChunkedDecoder::Step::malformed:
        carry_.clear();
        return body_error(http::Handler::BodyError::malformed, chunked_.reason());
    }
  }
}

Connection::Next Connection::body_error(http::Handler::BodyError error, std::string_view reason) {
  body_unread_ = true;
  close_after_ = true;
  stage_ = Stage::exchange;
  server_.handler().body_failed(*transaction_, error, reason);
  return answered_here();
}

// Reads away a body that nobody wanted, up to a limit.
Connection::Next Connection::advance_drain() {
  std::string_view input = carry_.view();
  const std::size_t before = input.size();
  bool done = false;
  bool bad = false;
  if (!chunked_body_) {
    const std::size_t taken = std::min<std::uint64_t>(body_left_, input.size());
    body_left_ -= taken;
    input.remove_prefix(taken);
    done = body_left_ == 0;
  } else {
    std::string_view piece;
    ChunkedDecoder::Step step;
    while ((step = chunked_.next(input, piece)) == ChunkedDecoder::Step::data) {
    }
    done = step == ChunkedDecoder::Step::done;
    bad = step == ChunkedDecoder::Step::malformed;
  }
  drained_ += before - input.size();
  carry_.consume(before - input.size());
  if (bad || drained_ > server_.limits().drain_bytes) return linger_or_close();
  if (!done) return Next::read;
  stage_ = Stage::head;
  return Next::again;
}

// From here on the word belongs to the exchange, unless it is concluded before handle() returns.
Connection::Next Connection::hand_over(std::string_view body) {
  stage_ = Stage::exchange;
  server_.reactor().set_deadline(handle_, Reactor::kNever);
  transaction_->publish(body);
  http::Transaction* transaction = transaction_;
  transaction_ = nullptr;
  // Answered on the spot, the next request is a turn of the caller's loop and not a recursion.
  const Connection* outer = std::exchange(handing_over, this);
  Server& server = server_;
  const bool first = std::exchange(fresh_, false);
  server_.handler().handle(transaction);
  if (first) server.begun();  // not before: who waits for it stops the handler's pool
  const bool concluded_here = std::exchange(handing_over, outer) == nullptr;
  return concluded_here ? after_answer() : Next::handed_over;
}

// The answer to transaction_ was given before it was handed over.
Connection::Next Connection::answered_here() {
  stage_ = Stage::exchange;
  http::Transaction* transaction = transaction_;
  transaction_ = nullptr;
  const Connection* outer = std::exchange(handing_over, this);
  transaction->conclude();
  handing_over = outer;
  transaction->release();
  return after_answer();
}

void Connection::concluded(http::Transaction& transaction) {
  server_.handler().answered(transaction);
  if (handing_over == this) {
    handing_over = nullptr;
    return;
  }
  if (after_answer() != Next::closed) drive();
}

// What becomes of the connection once an answer is complete.
Connection::Next Connection::after_answer() {
  // An answer that was begun before the server drains has not said that it is the last one.
  const bool close_now = close_after_ || writer_.must_close() || server_.closes_idle();
  answer_begun_ = false;
  if (close_now) return linger_or_close();
  if (body_unread_) {
    body_unread_ = false;
    deadline_fixed_ = false;
    drained_ = 0;
    stage_ = Stage::drain;
  } else {
    stage_ = Stage::head;
  }
  return Next::again;
}

// The last answer is on its way. While the client may still be sending, closing at once could
// reset the connection before it has read the answer.
Connection::Next Connection::linger_or_close() {
  int unread = 0;
  linger_input_ = body_unread_ || stage_ != Stage::exchange || !carry_.empty() ||
                  (stream_ && stream_->has_input()) ||
                  (ioctl(socket_, FIONREAD, &unread) == 0 && unread > 0);
  body_unread_ = false;
  deadline_fixed_ = false;
  carry_.clear(0);
  stage_ = Stage::linger;
  return Next::again;
}

// Once the output is out: ends our side and reads until the client has seen it.
Connection::Next Connection::advance_linger() {
  if (eof_ || !linger_input_) {
    close();
    return Next::closed;
  }
  if (stream_) stream_->end();
  ::shutdown(socket_, SHUT_WR);
  return Next::read;
}

void Connection::close() {
  const int socket = socket_;
  retire();
  ::close(socket);
}

// Ends all but the socket. The object is the server's again.
void Connection::retire() {
  stage_ = Stage::closed;
  if (std::exchange(fresh_, false)) server_.begun();
  if (transaction_) {
    transaction_->release();
    transaction_ = nullptr;
  }
  void (*resume)(void*) = nullptr;
  void* context = nullptr;
  {
    std::lock_guard lock(output_mutex_);
    if (stream_ && !output_failed_ && !output_pending()) stream_->end();
    stream_.reset();
    drop_output_locked();
    output_failed_ = true;
    output_generation_ = 0;
    std::swap(resume, resume_);
    context = resume_context_;
  }
  server_.reactor().close(handle_);
  socket_ = -1;
  carry_.clear(0);
  server_.closed(*this);
  if (resume) resume(context);
}

// ---- the door

void Connection::prepare_answer(http::Transaction& transaction) {
  if (answer_begun_) return;
  answer_begun_ = true;
  const HttpHead& head = transaction.request().head;
  bool keep_alive = head.keep_alive && !close_after_ && !server_.draining();
  if (body_unread_ &&
      (head.expect_continue || (!head.chunked && body_left_ > server_.limits().drain_bytes))) {
    keep_alive = false;
  }
  writer_.reset(
      {.version = head.version, .head_method = head.head_method, .keep_alive = keep_alive});
}

bool Connection::inform(http::Transaction& transaction, const HttpResponseHead& head) {
  prepare_answer(transaction);
  std::string& out = text();
  writer_.inform(out, head);
  return out.empty() || send(out, {}, {});
}

bool Connection::respond(http::Transaction& transaction, const HttpResponseHead& head,
                         PinnedBytes body) {
  prepare_answer(transaction);
  std::string& out = text();
  writer_.respond(out, head, body.bytes);
  body.bytes = writer_.body_to_send();
  transaction.count_body(body.bytes.size());
  return send(out, body, {});
}

bool Connection::start(http::Transaction& transaction, const HttpResponseHead& head) {
  prepare_answer(transaction);
  std::string& out = text();
  writer_.start(out, head);
  return out.empty() || send(out, {}, {});
}

bool Connection::write(http::Transaction& transaction, PinnedBytes chunk, Wait wait) {
  if (chunk.bytes.empty()) {
    release(chunk);
    return true;
  }
  std::string& out = text();
  writer_.piece(out, chunk.bytes);
  chunk.bytes = writer_.piece_to_send();
  transaction.count_body(chunk.bytes.size());
  if (!send(out, chunk, chunk.bytes.empty() ? std::string_view{} : writer_.piece_tail())) {
    return false;
  }
  return wait == Wait::no || wait_for_room();
}

bool Connection::respond_file(http::Transaction& transaction, const HttpResponseHead& head,
                              FileBytes body) {
  if (body.length <= kReadFile) {
    if (const std::string_view bytes = read_short(body); bytes.size() == body.length) {
      release(body);
      return respond(transaction, head, PinnedBytes{bytes});
    }
  }
  prepare_answer(transaction);
  std::string length;
  http::append_number(length, body.length);
  thread_local std::vector<HeaderView> headers;
  headers.assign(head.headers.begin(), head.headers.end());
  headers.push_back({"Content-Length", length});
  std::string& out = text();
  writer_.start(out, {.status = head.status, .reason = head.reason, .headers = headers});
  body.length = writer_.outside_piece(out, body.length);
  transaction.count_body(body.length);
  return send_file(out, body, {}) && finish(transaction);
}

bool Connection::write_file(http::Transaction& transaction, FileBytes chunk, Wait wait) {
  std::string& out = text();
  chunk.length = writer_.outside_piece(out, chunk.length);
  transaction.count_body(chunk.length);
  if (!send_file(out, chunk, writer_.outside_tail(chunk.length))) return false;
  return wait == Wait::no || wait_for_room();
}

bool Connection::add_trailers(http::Transaction&, std::span<const HeaderView> fields) {
  writer_.add_trailers(fields);
  return true;
}

bool Connection::finish(http::Transaction&) {
  std::string& out = text();
  writer_.finish(out);
  return out.empty() || send(out, {}, {});
}

bool Connection::congested(http::Transaction&, void (*resume)(void*), void* context) {
  if (!output_pending()) return false;
  std::lock_guard lock(output_mutex_);
  if (output_failed_ || output_bytes_ <= server_.limits().output_bytes) return false;
  resume_ = resume;
  resume_context_ = context;
  return true;
}

// ---- output

// Sends what the socket takes and keeps the rest. The pin is released here or when its bytes are
// out.
bool Connection::send(std::string_view head, PinnedBytes body, std::string_view tail) {
  std::size_t sent = 0;
  const std::size_t total = head.size() + body.bytes.size() + tail.size();
  if (!output_pending()) {
    ssize_t count;
    do {
      count = send_now(socket_, stream_.get(), head, body.bytes, tail, total);
    } while (count < 0 && errno == EINTR);
    if (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
      release(body);
      std::lock_guard lock(output_mutex_);
      output_failed_ = true;
      close_after_ = true;
      return false;
    }
    sent = count < 0 ? 0 : static_cast<std::size_t>(count);
    if (sent == total && !unsent()) {
      release(body);
      return true;
    }
  }
  return keep(head, body, tail, sent);
}

// The same with a file between the two.
bool Connection::send_file(std::string_view head, FileBytes file, std::string_view tail) {
  if (file.length == 0) {
    release(file);
    return send(head, {}, tail);
  }
  if (output_broken()) {
    release(file);
    return false;
  }
  std::unique_lock lock(output_mutex_);
  queue_copy_locked(head);
  output_.push_back({.file = file});
  queue_copy_locked(tail);
  return flush_queued(lock);
}

// Queues what follows the first `sent` bytes of an answer.
bool Connection::keep(std::string_view head, PinnedBytes body, std::string_view tail,
                      std::size_t sent) {
  if (output_broken()) {
    release(body);
    return false;
  }
  std::unique_lock lock(output_mutex_);
  const auto rest = [&sent](std::string_view bytes) {
    const std::size_t skip = std::min(sent, bytes.size());
    sent -= skip;
    return bytes.substr(skip);
  };
  queue_copy_locked(rest(head));
  body.bytes = rest(body.bytes);
  if (body.release && body.bytes.size() >= kPinFrom) {
    output_.push_back({.pin = body});
    output_bytes_ += body.bytes.size();
    body = {};
  } else {
    queue_copy_locked(body.bytes);
  }
  queue_copy_locked(rest(tail));
  const bool alive = flush_queued(lock);
  release(body);
  return alive;
}

// Nothing more can be sent: the connection closes after this answer.
bool Connection::output_broken() {
  std::lock_guard lock(output_mutex_);
  if (output_failed_) close_after_ = true;
  return output_failed_;
}

// Sends what was queued just now as far as the socket takes it.
bool Connection::flush_queued(std::unique_lock<std::mutex>& lock) {
  // First the wish, then another try: an edge between the two would be missed otherwise. More to
  // write is no progress: the deadline stays.
  if (!output_pending_.exchange(true, std::memory_order_acq_rel)) {
    server_.reactor().want_writable(handle_, true);
    expect_progress_locked();
  }
  const Flush flushed = flush_locked();
  finish_flush(lock, flushed);  // a writer may be paused whose exchange has been taken over
  if (flushed == Flush::failed) close_after_ = true;
  return flushed != Flush::failed;
}

void Connection::queue_copy_locked(std::string_view bytes) {
  if (bytes.empty()) return;
  output_bytes_ += bytes.size();
  if (!output_.empty() && output_.back().is_copy()) {
    output_.back().copy.append(bytes);
  } else {
    output_.push_back({.copy = std::string(bytes)});
  }
}

Connection::Flush Connection::flush() {
  std::unique_lock lock(output_mutex_);
  const Flush flushed = flush_locked();
  finish_flush(lock, flushed);
  return flushed;
}

// After flush_locked(): wakes a paused writer, without the lock.
void Connection::finish_flush(std::unique_lock<std::mutex>& lock, Flush flushed) {
  void (*resume)(void*) = nullptr;
  void* context = resume_context_;
  if (flushed == Flush::failed || output_bytes_ <= server_.limits().output_bytes / 2) {
    std::swap(resume, resume_);
  }
  lock.unlock();
  if (resume) resume(context);
}

Connection::Flush Connection::flush_locked() {
  if (output_failed_) return Flush::failed;
  while (!output_.empty() || unsent()) {
    const bool file = !output_.empty() && output_.front().is_file();
    const Flush flushed = file ? flush_file_locked() : flush_bytes_locked();
    if (flushed != Flush::done) return flushed;
  }
  server_.reactor().want_writable(handle_, false);
  server_.reactor().set_deadline(handle_, Reactor::kNever);
  output_pending_.store(false, std::memory_order_release);
  return Flush::done;
}

// The pieces at the front that are in memory, once. `done`: some of it was sent.
Connection::Flush Connection::flush_bytes_locked() {
  iovec parts[8];
  int count = 0;
  int more = 0;
  for (auto& piece : output_) {
    if (piece.is_file()) more = MSG_MORE;  // its first bytes may share a packet with these
    if (count == 8 || piece.is_file()) break;
    const std::string_view bytes = piece.bytes();
    const std::size_t skip = count == 0 ? front_sent_ : 0;
    parts[count++] = {const_cast<char*>(bytes.data() + skip), bytes.size() - skip};
  }
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = static_cast<std::size_t>(count);
  ssize_t sent;
  do {
    sent = stream_ ? stream_->send(parts, count)
                   : sendmsg(socket_, &message, MSG_NOSIGNAL | MSG_DONTWAIT | more);
  } while (sent < 0 && errno == EINTR);
  if (sent >= 0) {
    sent_locked(static_cast<std::size_t>(sent));
    return Flush::done;
  }
  if (errno == EAGAIN || errno == EWOULDBLOCK) return Flush::blocked;
  drop_output_locked();
  output_failed_ = true;
  return Flush::failed;
}

void Connection::sent_locked(std::size_t bytes) {
  expect_progress_locked();
  output_bytes_ -= bytes;
  front_sent_ += bytes;
  while (!output_.empty() && !output_.front().is_file() &&
         front_sent_ >= output_.front().bytes().size()) {
    front_sent_ -= output_.front().bytes().size();
    release(output_.front().pin);
    output_.pop_front();
  }
}

// The file at the front, up to a turn's worth. `blocked`: the reactor will report.
Connection::Flush Connection::flush_file_locked() {
  FileBytes& file = output_.front().file;
  for (std::size_t turn = 0; file.length > 0;) {
    const ssize_t sent = send_some(socket_, stream_.get(), file);
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Flush::blocked;
    if (sent <= 0) {
      fail_output_locked();  // its promised length cannot be kept
      return Flush::failed;
    }
    expect_progress_locked();
    turn += static_cast<std::size_t>(sent);
    if (turn >= kFileTurn && file.length > 0) {
      server_.reactor().report_again(handle_);
      return Flush::blocked;
    }
  }
  release(file);
  output_.pop_front();
  return Flush::done;
}

void Connection::expect_progress_locked() {
  write_deadline_ = Clock::now() + server_.limits().write;
  server_.reactor().set_deadline(handle_, write_deadline_);
}

// Nothing more can be sent, now or later: what follows would not join on to what the client has.
void Connection::fail_output_locked() {
  drop_output_locked();
  output_failed_ = true;
  ::shutdown(socket_, SHUT_RDWR);
}

void Connection::drop_output_locked() {
  for (auto& piece : output_) {
    release(piece.pin);
    release(piece.file);
  }
  output_.clear();
  output_bytes_ = front_sent_ = 0;
  output_pending_.store(false, std::memory_order_release);
}

void Connection::on_writable_unowned(std::uint32_t generation) {
  std::unique_lock lock(output_mutex_);
  if (generation != output_generation_ || !output_pending()) return;
  finish_flush(lock, flush_locked());
}

void Connection::on_stalled_unowned(std::uint32_t generation, TimePoint now) {
  std::unique_lock lock(output_mutex_);
  if (generation != output_generation_ || !output_pending() || now < write_deadline_) return;
  fail_output_locked();
  finish_flush(lock, Flush::failed);
}

// A streaming script may run this much ahead of its client; then it waits, at most the write
// deadline without progress.
bool Connection::wait_for_room() {
  while (output_pending()) {
    std::size_t before;
    {
      std::unique_lock lock(output_mutex_);
      if (output_failed_) return false;
      if (output_bytes_ <= server_.limits().script_output_bytes) return true;
      before = output_bytes_;
    }
    pollfd wait{.fd = socket_, .events = POLLOUT, .revents = 0};
    const auto timeout =
        std::chrono::duration_cast<std::chrono::milliseconds>(server_.limits().write).count();
    const int ready =
        ::poll(&wait, 1, static_cast<int>(std::min<std::int64_t>(timeout, INT32_MAX)));
    if (ready < 0 && errno == EINTR) {
      return false;  // the script's time is over: that is what signals are for here
    }
    const Flush flushed = flush();
    if (flushed == Flush::failed) return false;
    std::lock_guard lock(output_mutex_);
    if (ready == 0 && output_pending() && output_bytes_ >= before) {
      fail_output_locked();
      return false;
    }
  }
  std::lock_guard lock(output_mutex_);
  return !output_failed_;
}

}  // namespace rr::net::http1
