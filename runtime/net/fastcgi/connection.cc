#include "runtime/net/fastcgi/connection.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "runtime/net/fastcgi/request.h"
#include "runtime/net/fastcgi/server.h"
#include "runtime/net/http/response.h"

namespace rr::net::fastcgi {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::size_t kWriteBytes = 64 * 1024;  // of an answer, before the socket is asked
constexpr std::size_t kKeptBytes = 16 * 1024;
constexpr std::uint16_t kResponder = 1;

using Resumes = std::vector<std::pair<void (*)(void*), void*>>;

char* scratch() {
  thread_local std::unique_ptr<char[]> buffer(new char[kReadBytes]);
  return buffer.get();
}

void call(const Resumes& resumes) {
  for (const auto& [resume, context] : resumes) resume(context);
}

std::int64_t unix_us_now() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

// ---- the door

void Request::begin_answer(const http::Transaction& transaction) {
  if (std::exchange(answering_, true)) return;
  answer_.reset({.names = http::Answer::Names::canonical,
                 .head_method = transaction.request().head.head_method,
                 .trailers = false,
                 .sniffs_empty = true});
}

bool Request::respond(http::Transaction& transaction, const HttpResponseHead& head,
                      PinnedBytes body) {
  begin_answer(transaction);
  answer_.respond(head, body.bytes);
  transaction.count_body(answer_.body_to_send().size());
  return say(body, true);
}

bool Request::start(http::Transaction& transaction, const HttpResponseHead& head) {
  begin_answer(transaction);
  answer_.start(head);
  return answer_.ready() ? say({}, false) : !gone_.load(std::memory_order_acquire);
}

bool Request::write(http::Transaction& transaction, PinnedBytes chunk, Wait wait) {
  if (chunk.bytes.empty()) {
    if (chunk.release) chunk.release(chunk.owner);
    return true;
  }
  answer_.piece(chunk.bytes);
  transaction.count_body(answer_.body_to_send().size());
  return say(chunk, false) && (wait == Wait::no || connection_.wait_for_room(*this));
}

bool Request::finish(http::Transaction&) {
  answer_.finish();
  return say({}, true);
}

// What answer_ allows of a body, with the head in front of the first of it. `body` is released.
bool Request::say(PinnedBytes body, bool end) {
  std::string head;
  if (!std::exchange(head_said_, true)) {
    std::string storage;
    head = "Status: " + std::to_string(answer_.status()) + " ";
    head += http::reason_phrase(answer_.status(), storage);
    head += "\r\n";
    for (const HeaderView& field : answer_.fields()) {
      head.append(field.name).append(": ").append(field.value).append("\r\n");
    }
    head += "\r\n";
  }
  Connection& connection = connection_;
  Resumes resumes;
  bool alive;
  {
    std::lock_guard lock(connection.mutex_);
    alive = connection.open_ && !connection.failed_ && !gone_.load(std::memory_order_relaxed);
    std::string_view bytes = answer_.body_to_send();
    if (alive) {
      const bool idle = connection.out_.empty();
      append_stream(connection.out_, Type::standard_output, id_, head);
      do {
        const std::string_view part = bytes.substr(0, kWriteBytes);
        bytes.remove_prefix(part.size());
        append_stream(connection.out_, Type::standard_output, id_, part);
        if (bytes.empty() && end) connection.end_locked(*this, Ended::complete);
        alive = connection.flush_locked();
      } while (alive && !bytes.empty());
      if (idle) connection.progress_ = Clock::now();
      connection.set_deadline_locked();
    } else if (end && connection.open_) {
      connection.end_locked(*this, Ended::complete);
      connection.flush_locked();
    }
    connection.take_resumes_locked(resumes);
  }
  if (body.release) body.release(body.owner);
  call(resumes);
  return alive;
}

bool Request::congested(http::Transaction&, void (*resume)(void*), void* context) {
  std::lock_guard lock(connection_.mutex_);
  if (!connection_.open_ || connection_.failed_ || gone_ ||
      connection_.out_.size() <= connection_.server_.limits().output_bytes) {
    return false;
  }
  resume_ = resume;
  resume_context_ = context;
  return true;
}

void Request::concluded(http::Transaction& transaction) {
  Connection& connection = connection_;
  connection.server_.handler().answered(transaction);
  Resumes resumes;
  bool recyclable;
  {
    std::lock_guard lock(connection.mutex_);
    connection.closing_ |= !keep_connection_ || connection.server_.draining();
    // A writer may be paused whose exchange has been taken over.
    if (resume_) resumes.emplace_back(std::exchange(resume_, nullptr), resume_context_);
    connection.forget_locked(*this);
    if (connection.open_) {
      connection.flush_locked();
      connection.set_deadline_locked();
    }
    recyclable = connection.recyclable_locked();
  }
  call(resumes);
  if (recyclable) connection.server_.closed(connection);
}

// ---- who has the word

void Connection::open(int socket, const Peer& peer) {
  {
    std::lock_guard lock(mutex_);
    socket_ = socket;
    peer_ = peer;
    reader_.reset();
    out_.clear(kKeptBytes);
    open_ = true;
    given_back_ = failed_ = closing_ = said_all_ = false;
    progress_ = Clock::now();
    handle_ = server_.reactor().add(socket, *this);
  }
  drive();
}

void Connection::on_ready(Readiness) {
  drive();
}

void Connection::on_deadline(TimePoint now) {
  {
    std::lock_guard lock(mutex_);
    const ConnectionLimits& limits = server_.limits();
    const bool receives = std::any_of(active_.begin(), active_.end(),
                                      [](const Request* one) { return !one->handed_over_; });
    if (said_all_ || active_.empty() || (!out_.empty() && now >= progress_ + limits.write) ||
        (receives && now >= progress_ + limits.body)) {
      failed_ = true;
    }
  }
  drive();
}

void Connection::drive() {
  std::vector<Ready> ready;
  for (;;) {
    const Input input = read_input();
    ready.insert(ready.end(), ready_.begin(), ready_.end());
    ready_.clear();
    Resumes resumes;
    bool ends;
    {
      std::lock_guard lock(mutex_);
      closing_ |= server_.draining() && active_.empty();
      flush_locked();
      set_deadline_locked();
      take_resumes_locked(resumes);
      ends = failed_ || input == Input::ended;
    }
    call(resumes);
    if (ends) {
      close();
      break;
    }
    if (server_.reactor().let_go(handle_)) break;
  }
  deliver(ready);
}

Connection::Input Connection::read_input() {
  char* const into = scratch();
  for (;;) {
    const ssize_t count = ::recv(socket_, into, kReadBytes, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      return errno == EAGAIN || errno == EWOULDBLOCK ? Input::drained : Input::ended;
    }
    // A web server that has gone reads no answers either: there is no half of a connection.
    if (count == 0) return Input::ended;
    std::string_view bytes(into, static_cast<std::size_t>(count));
    Record record;
    for (;;) {
      const RecordReader::Step step = reader_.next(bytes, record);
      if (step == RecordReader::Step::more) break;
      if (step == RecordReader::Step::malformed || !take(record)) return Input::ended;
    }
  }
}

// False: nothing more can be made of this connection.
bool Connection::take(const Record& record) {
  const auto type = static_cast<Type>(record.type);
  if (record.id == 0) {
    std::lock_guard lock(mutex_);
    if (type == Type::get_values) {
      append_values(out_, record.content, 1024, kMostRequests);
    } else {
      append_unknown_type(out_, record.type);
    }
    // Whoever asks and does not read is cut off.
    return flush_locked() && out_.size() < server_.limits().script_output_bytes;
  }
  if (type == Type::begin_request) {
    begin(record);
    return true;
  }
  Request* request;
  {
    std::lock_guard lock(mutex_);
    request = find(record.id);
    if (!request) return true;  // over already
    if (type == Type::abort_request) {
      request->gone_.store(true, std::memory_order_release);
      if (!request->handed_over_) {
        end_locked(*request, Ended::complete);
        closing_ |= !request->keep_connection_;
        forget_locked(*request);
      }
      return true;
    }
    if (request->handed_over_) return true;
    progress_ = Clock::now();
  }
  if (type == Type::params) params(*request, record.content);
  if (type == Type::standard_input) input(*request, record.content);
  return true;
}

void Connection::begin(const Record& record) {
  Begin begin;
  const bool readable = read_begin(record.content, begin);
  std::lock_guard lock(mutex_);
  if (!readable || find(record.id)) {
    failed_ = true;
    return;
  }
  if (begin.role != kResponder || active_.size() >= kMostRequests || closing_) {
    append_end(out_, record.id, begin.role != kResponder ? Ended::unknown_role : Ended::overloaded);
    closing_ |= !begin.keep_connection;
    return;
  }
  if (free_.empty()) {
    all_.push_back(std::make_unique<Request>(*this));
    free_.push_back(all_.back().get());
  }
  Request* request = free_.back();
  free_.pop_back();
  request->id_ = record.id;
  request->keep_connection_ = begin.keep_connection;
  active_.push_back(request);
  progress_ = Clock::now();
}

void Connection::params(Request& request, std::string_view content) {
  if (request.transaction_) return;  // they have ended
  if (content.empty()) return head(request);
  request.params_.append(content);
  if (request.params_.size() > kMostParams) refuse(request, "fcgi: the parameters are too long");
}

// A web server that sends what no request can be made of.
void Connection::refuse(Request& request, const char* why) {
  const HeaderView date{"Date", http::date_now()};
  std::lock_guard lock(mutex_);
  append_stream(out_, Type::standard_error, request.id_, why);
  std::string head =
      "Status: 500 Internal Server Error\r\nContent-Type: text/plain; charset=utf-8\r\n";
  head.append(date.name).append(": ").append(date.value).append("\r\n\r\n");
  append_stream(out_, Type::standard_output, request.id_, head);
  end_locked(request, Ended::complete);
  closing_ |= !request.keep_connection_;
  forget_locked(request);
}

void Connection::head(Request& request) {
  request.transaction_ = server_.handler().make_transaction();
  http::Transaction& transaction = *request.transaction_;
  transaction.attach(request, server_.reactor(), handle_);
  transaction.set_received(Clock::now(), unix_us_now());
  http::RequestBlock& block = transaction.block();
  if (const char* wrong = read_params(block, request.params_.view())) return refuse(request, wrong);
  request.params_.clear();
  block.head.local_address = block.append(peer_.local_address);
  block.head.local_port = peer_.local_port;
  transaction.publish({});
  switch (server_.handler().head_complete(transaction)) {
    case http::Handler::BodyPlan::read:
      break;
    case http::Handler::BodyPlan::skip:
      return hand_over(request, {}, false);
    case http::Handler::BodyPlan::refuse:
      return hand_over(request, {}, true);
  }
}

void Connection::input(Request& request, std::string_view content) {
  if (!request.transaction_) return;  // before its parameters
  http::Transaction& transaction = *request.transaction_;
  ByteBuffer& body = transaction.body_buffer();
  const auto failed = [&](http::Handler::BodyError error) {
    server_.handler().body_failed(transaction, error, "unexpected EOF");
    hand_over(request, {}, true);
  };
  if (!content.empty()) {
    if (body.size() + content.size() > server_.handler().max_body_bytes(transaction)) {
      return failed(http::Handler::BodyError::too_large);
    }
    return body.append(content);
  }
  const std::int64_t declared = transaction.request().head.content_length;
  if (declared >= 0 && body.size() != static_cast<std::size_t>(declared)) {
    return failed(http::Handler::BodyError::cut_off);
  }
  hand_over(request, body.view(), false);
}

void Connection::hand_over(Request& request, std::string_view body, bool answered) {
  http::Transaction* transaction = std::exchange(request.transaction_, nullptr);
  if (!answered) transaction->publish(body);
  {
    std::lock_guard lock(mutex_);
    request.handed_over_ = true;
  }
  ready_.push_back({transaction, answered});
}

// The handler sees the requests when the connection is free for others.
void Connection::deliver(std::vector<Ready>& ready) {
  for (const Ready& each : ready) {
    if (each.answered) {
      each.transaction->conclude();
      each.transaction->release();
    } else {
      server_.handler().handle(each.transaction);
    }
  }
}

void Connection::close() {
  Resumes resumes;
  bool recyclable;
  {
    std::lock_guard lock(mutex_);
    open_ = false;
    server_.reactor().close(handle_);
    ::close(socket_);
    socket_ = -1;
    out_.clear(kKeptBytes);
    for (std::size_t i = active_.size(); i > 0; --i) {
      Request& request = *active_[i - 1];
      request.gone_.store(true, std::memory_order_release);
      if (!request.handed_over_) forget_locked(request);
    }
    take_resumes_locked(resumes);
    recyclable = recyclable_locked();
  }
  call(resumes);
  if (recyclable) server_.closed(*this);
}

// ---- under the lock

Request* Connection::find(std::uint16_t id) {
  for (Request* request : active_) {
    if (request->id_ == id) return request;
  }
  return nullptr;
}

void Connection::end_locked(Request& request, Ended ended) {
  if (std::exchange(request.ended_, true)) return;
  append_record(out_, Type::standard_output, request.id_, {});
  append_end(out_, request.id_, ended);
}

void Connection::forget_locked(Request& request) {
  std::erase(active_, &request);
  if (request.transaction_) request.transaction_->release();
  request.transaction_ = nullptr;
  request.params_.clear();
  request.answering_ = request.head_said_ = request.handed_over_ = request.ended_ = false;
  request.resume_ = nullptr;
  request.gone_.store(false, std::memory_order_relaxed);
  free_.push_back(&request);
}

// False: the socket is broken. Only who has the word closes: the socket's end is an event.
bool Connection::flush_locked() {
  if (failed_) return false;
  while (!out_.empty()) {
    const std::string_view bytes = out_.view();
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return true;
      failed_ = true;
      ::shutdown(socket_, SHUT_RDWR);
      return false;
    }
    progress_ = Clock::now();
    out_.consume(static_cast<std::size_t>(sent));
  }
  if (out_.room_size() > kKeptBytes) out_.clear(kKeptBytes);
  if (closing_ && active_.empty() && !std::exchange(said_all_, true)) ::shutdown(socket_, SHUT_WR);
  return true;
}

void Connection::set_deadline_locked() {
  if (!open_) return;
  const ConnectionLimits& limits = server_.limits();
  const TimePoint now = Clock::now();
  TimePoint when = Reactor::kNever;
  if (said_all_) {
    when = now + limits.linger;
  } else if (!out_.empty()) {
    when = progress_ + limits.write;
  } else if (active_.empty()) {
    when = now + limits.idle;
  } else if (std::any_of(active_.begin(), active_.end(),
                         [](const Request* one) { return !one->handed_over_; })) {
    when = progress_ + limits.body;
  }
  server_.reactor().set_deadline(handle_, when);
}

void Connection::take_resumes_locked(Resumes& resumes) {
  const bool room = !open_ || failed_ || out_.size() <= server_.limits().output_bytes / 2;
  for (Request* request : active_) {
    if (!request->resume_ || (!room && !request->gone_)) continue;
    resumes.emplace_back(std::exchange(request->resume_, nullptr), request->resume_context_);
  }
}

// True once: the caller gives the connection back without the lock.
bool Connection::recyclable_locked() {
  if (open_ || given_back_ || !active_.empty()) return false;
  given_back_ = true;
  return true;
}

// A streaming script may run this much ahead of its client; then it waits, at most the write
// deadline without progress.
bool Connection::wait_for_room(Request& request) {
  const ConnectionLimits& limits = server_.limits();
  for (;;) {
    pollfd wait{.fd = -1, .events = POLLOUT, .revents = 0};
    std::size_t before;
    {
      std::lock_guard lock(mutex_);
      if (!open_ || failed_ || request.gone_) return false;
      before = out_.size();
      if (before <= limits.script_output_bytes) return true;
      wait.fd = socket_;
    }
    const auto timeout =
        std::chrono::duration_cast<std::chrono::milliseconds>(limits.write).count();
    const int ready =
        ::poll(&wait, 1, static_cast<int>(std::min<std::int64_t>(timeout, INT32_MAX)));
    if (ready < 0 && errno == EINTR) {
      return false;  // the script's time is over: that is what signals are for here
    }
    Resumes resumes;
    {
      std::lock_guard lock(mutex_);
      if (!open_ || !flush_locked()) return false;
      if (ready == 0 && out_.size() >= before) {
        failed_ = true;
        ::shutdown(socket_, SHUT_RDWR);
        return false;
      }
      take_resumes_locked(resumes);
    }
    call(resumes);
  }
}

}  // namespace rr::net::fastcgi
