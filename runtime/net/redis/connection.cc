#include "runtime/net/redis/connection.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include <hiredis/hiredis.h>

#include "runtime/net/redis/deadline.h"

namespace rr::redis {

namespace {

Reply copy(const redisReply& from) {
  Reply to;
  switch (from.type) {
    case REDIS_REPLY_INTEGER:
      to.kind = Reply::Kind::integer;
      to.integer = from.integer;
      break;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      to.kind = Reply::Kind::text;
      to.text.assign(from.str, from.len);
      break;
    case REDIS_REPLY_ERROR:
      to.kind = Reply::Kind::error;
      to.text.assign(from.str, from.len);
      break;
    case REDIS_REPLY_ARRAY:
      to.kind = Reply::Kind::list;
      for (std::size_t i = 0; i < from.elements; ++i) to.items.push_back(copy(*from.element[i]));
      break;
    default:
      break;
  }
  return to;
}

void append(std::string& out, const Command& command) {
  std::vector<const char*> words;
  std::vector<std::size_t> sizes;
  words.reserve(command.size());
  sizes.reserve(command.size());
  for (const std::string& word : command) {
    words.push_back(word.data());
    sizes.push_back(word.size());
  }
  char* text = nullptr;
  const auto size =
      redisFormatCommandArgv(&text, static_cast<int>(words.size()), words.data(), sizes.data());
  if (size < 0) throw std::bad_alloc();
  out.append(text, static_cast<std::size_t>(size));
  redisFreeCommand(text);
}

}  // namespace

Connection::Connection(int fd, std::string name, const Settings& settings)
    : fd_(fd),
      name_(std::move(name)),
      read_timeout_(settings.read_timeout),
      write_timeout_(settings.write_timeout),
      reader_(redisReaderCreate()) {
  if (reader_ == nullptr) throw std::bad_alloc();
}

Connection::~Connection() {
  tls_.reset();
  ::close(fd_);
  redisReaderFree(reader_);
}

Result<void> Connection::log_in(const Login& login) {
  std::vector<Command> commands;
  if (!login.password.empty()) {
    if (login.username.empty()) {
      commands.push_back({"AUTH", login.password});
    } else {
      commands.push_back({"AUTH", login.username, login.password});
    }
  }
  if (login.db != 0) commands.push_back({"SELECT", std::to_string(login.db)});
  if (login.read_only) commands.push_back({"READONLY"});
  if (commands.empty()) return {};
  auto replies = run(commands);
  if (!replies) return std::move(replies).error();
  for (const Reply& reply : *replies) {
    if (!reply.is(Reply::Kind::error)) continue;
    // A server that is coming up is worth another try; a wrong password is not.
    const bool again = reply.is_error("LOADING") || reply.is_error("MASTERDOWN");
    return Error(again ? Errc::network : Errc::invalid, "", reply.text);
  }
  return {};
}

Error Connection::failed(std::string_view what, std::string_view why) const {
  return Error(Errc::network, "", std::string(what) + " " + name_ + ": " + std::string(why));
}

Result<void> Connection::wait(short events, TimePoint deadline, std::string_view what) const {
  pollfd ready{fd_, events, 0};
  for (;;) {
    const int got = ::poll(&ready, 1, milliseconds_until(deadline));
    if (got > 0) return {};
    if (got == 0) return failed(what, "i/o timeout");
    if (errno != EINTR) return failed(what, go_text(errno));
  }
}

Result<void> Connection::send(std::string_view bytes) {
  const TimePoint deadline = end_of(write_timeout_);
  while (!bytes.empty()) {
    short events = POLLOUT;
    long sent = 0;
    if (tls_) {
      sent = tls_->write(bytes.data(), bytes.size(), events);
      if (sent < 0) return failed("write", tls_->error());
    } else {
      sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN && errno != EINTR) return failed("write", go_text(errno));
    }
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (auto ready = wait(events, deadline, "write"); !ready) {
      return ready;
    }
  }
  return {};
}

Result<Reply> Connection::receive(TimePoint deadline) {
  for (;;) {
    void* raw = nullptr;
    if (redisReaderGetReply(reader_, &raw) != REDIS_OK) return failed("read", reader_->errstr);
    if (raw != nullptr) {
      Reply reply = copy(*static_cast<redisReply*>(raw));
      freeReplyObject(raw);
      return reply;
    }
    char chunk[16384];
    short events = POLLIN;
    long got = 0;
    if (tls_) {
      got = tls_->read(chunk, sizeof chunk, events);
      if (got < 0)
        return tls_->error().empty() ? Error(Errc::network, "", "EOF")
                                     : failed("read", tls_->error());
    } else {
      got = ::recv(fd_, chunk, sizeof chunk, 0);
      if (got == 0) return Error(Errc::network, "", "EOF");
      if (got < 0 && errno != EAGAIN && errno != EINTR) return failed("read", go_text(errno));
    }
    if (got > 0) {
      redisReaderFeed(reader_, chunk, static_cast<std::size_t>(got));
    } else if (auto ready = wait(events, deadline, "read"); !ready) {
      return std::move(ready).error();
    }
  }
}

Result<std::vector<Reply>> Connection::run(std::span<const Command> commands) {
  std::string bytes;
  for (const Command& command : commands) append(bytes, command);
  if (auto sent = send(bytes); !sent) return std::move(sent).error();
  std::vector<Reply> replies;
  replies.reserve(commands.size());
  for (std::size_t i = 0; i < commands.size(); ++i) {
    auto reply = receive(end_of(read_timeout_));
    if (!reply) return std::move(reply).error();
    replies.push_back(std::move(*reply));
  }
  last_used_ = Clock::now();
  return replies;
}

Result<Reply> Connection::run(const Command& command) {
  auto replies = run(std::span(&command, 1));
  if (!replies) return std::move(replies).error();
  return std::move(replies->front());
}

bool Connection::is_stale() {
  pollfd ready{fd_, POLLIN, 0};
  if (::poll(&ready, 1, 0) == 0) return false;
  if (!tls_) return true;
  // Not every byte of TLS is one of redis: a session ticket is none.
  char byte = 0;
  short events = 0;
  return tls_->read(&byte, 1, events) != 0;
}

}  // namespace rr::redis
