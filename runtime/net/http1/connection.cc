#include "runtime/net/http1/connection.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
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
constexpr std::size_t kReadFile = 32 * 1024;        // less of a file is read and sent with its head
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

Connection::Connection(Server& server)
    : server_(server),
      output_(server.reactor(), server.limits()),
      parser_(Limits{}),
      chunked_(Limits{}) {}

void Connection::open(int socket, const Peer& peer, std::unique_ptr<tls::Stream> stream) {
  socket_ = socket;
  peer_ = peer;
  output_.open(socket, std::move(stream));
  stage_ = Stage::head;
  input_ = Input::unknown;
  close_after_ = eof_ = body_unread_ = answer_begun_ = false;
  fresh_ = true;
  carry_.clear(0);
  parser_ = HeadParser(server_.limits().parser);
  handle_ = server_.reactor().add(socket, *this);
  output_.begin(handle_);
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
    if (output_.pending()) {
      const SocketOutput::Flush flushed = output_.flush();
      if (flushed == SocketOutput::Flush::failed) return close();
      if (flushed == SocketOutput::Flush::blocked) {
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
  tls::Stream* const stream = stage_ == Stage::linger ? nullptr : output_.stream();
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
  return server_.http2() && !output_.stream() && fresh_ &&
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
  head.tls = output_.stream() != nullptr;
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
                  (output_.stream() && output_.stream()->has_input()) ||
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
  if (output_.stream()) output_.stream()->end();
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
  const SocketOutput::Resume paused = output_.close();
  server_.reactor().close(handle_);
  socket_ = -1;
  carry_.clear(0);
  server_.closed(*this);
  if (paused.resume) paused.resume(paused.context);
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
  return wait == Wait::no || output_.wait_for_room();
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
  return wait == Wait::no || output_.wait_for_room();
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
  return output_.congested(resume, context);
}

// ---- output

// A failure: the connection closes after this answer.
bool Connection::send(std::string_view head, PinnedBytes body, std::string_view tail) {
  if (output_.send(head, body, tail)) return true;
  close_after_ = true;
  return false;
}

bool Connection::send_file(std::string_view head, FileBytes file, std::string_view tail) {
  if (output_.send_file(head, file, tail)) return true;
  close_after_ = true;
  return false;
}

void Connection::on_writable_unowned(std::uint32_t generation) {
  output_.flush_unowned(generation);
}

void Connection::on_stalled_unowned(std::uint32_t generation, TimePoint now) {
  output_.expire_unowned(generation, now);
}

}  // namespace rr::net::http1
