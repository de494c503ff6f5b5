#include "ext/rpc/connection.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <utility>

#include "ext/dial.h"

namespace rr::ext {

namespace {

constexpr int kWaits = -1;
constexpr double kLongest = 1e7;  // seconds: as good as never
constexpr double kSend = 5;       // the same, for a call that nobody waits for

std::chrono::steady_clock::duration length(double seconds) {
  return std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      std::chrono::duration<double>(std::min(std::max(seconds, 0.0), kLongest)));
}

std::string elapsed(std::chrono::steady_clock::time_point begun) {
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  char text[64];
  std::snprintf(text, sizeof text, " (after %.3f s)", took.count());
  return text;
}

std::string number(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

}  // namespace

Connection::Connection(Address address) : address_(std::move(address)), name_(address_.text()) {}

Connection::~Connection() {
  if (socket_ >= 0) ::close(socket_);
}

// ---------------------------------------------------------------- calls

int Connection::call(std::string_view method, unsigned codec, std::string_view argument,
                     double seconds, std::string_view* reply) {
  const TimePoint begun = Clock::now();
  const TimePoint deadline = begun + length(seconds);
  std::uint32_t sequence = 0;
  const int status = send_call(method, codec, argument, begun, deadline, &sequence);
  if (status != RR_OK) {
    if (status == RR_TIMED_OUT) return timed_out(seconds, reply);
    *reply = kept_;
    return status;
  }
  return await(sequence, nullptr, seconds, begun, deadline, reply);
}

int Connection::begin(std::string_view method, unsigned codec, std::string_view argument,
                      Pending** pending, std::string_view* error) {
  if (waiting_.size() >= kMaxWaiting) {
    kept_ = name_ + ": " + std::to_string(kMaxWaiting) + " calls wait for their results to be read";
    *error = kept_;
    return RR_UNSUPPORTED;
  }
  std::uint32_t sequence = 0;
  // A server that reads no more until replies are taken gets them taken: it is one that hangs that
  // this limit is for.
  const TimePoint begun = Clock::now();
  const int status = send_call(method, codec, argument, begun, begun + length(kSend), &sequence);
  if (status != RR_OK) {
    if (status == RR_TIMED_OUT) return timed_out(kSend, error);
    *error = kept_;
    return status;
  }
  *pending = new Pending{sequence, kWaits, begun, {}};
  waiting_.emplace(sequence, *pending);
  return RR_OK;
}

bool Connection::ready(Pending* pending) {
  if (pending->status == kWaits) poll_replies();
  return pending->status != kWaits;
}

int Connection::result(Pending* pending, double seconds, std::string_view* reply) {
  if (pending->status == kWaits && owner_ != ::getpid()) forget_parent();
  if (pending->status == kWaits) {
    const int status = await(pending->sequence, pending, seconds, pending->begun,
                             Clock::now() + length(seconds), reply);
    if (status == RR_TIMED_OUT) return status;
    if (pending->status == kWaits) {  // it was the reply that await() gave
      waiting_.erase(pending->sequence);
      delete pending;
      return status;
    }
  }
  const int status = pending->status;
  kept_ = std::move(pending->text);
  *reply = kept_;
  delete pending;
  return status;
}

void Connection::drop(Pending* pending) {
  if (pending->status == kWaits) {
    const auto found = waiting_.find(pending->sequence);
    if (found != waiting_.end()) found->second = nullptr;
  }
  delete pending;
}

// ---------------------------------------------------------------- sending

// On anything but RR_OK and RR_TIMED_OUT the text is in kept_.
int Connection::send_call(std::string_view method, unsigned codec, std::string_view argument,
                          TimePoint begun, TimePoint deadline, std::uint32_t* sequence) {
  if (argument.size() > Replies::kMaxPayload || method.size() > 65535) {
    kept_ = name_ + ": a call of more than 256 MiB";
    return RR_UNSUPPORTED;
  }
  for (;;) {
    if (!ensure_connected()) return RR_UNREACHABLE;
    const bool fresh = fresh_;
    *sequence = next_sequence();
    goridge::Header header;
    header.flags = static_cast<std::uint8_t>(codec);
    header.option_count = 2;
    header.options[0] = *sequence;
    header.options[1] = static_cast<std::uint32_t>(method.size());
    header.payload_bytes = static_cast<std::uint32_t>(method.size() + argument.size());
    char head[goridge::kMaxHeaderBytes];
    iovec pieces[3] = {{head, goridge::encode(header, head)},
                       {const_cast<char*>(method.data()), method.size()},
                       {const_cast<char*>(argument.data()), argument.size()}};
    bool some = false;
    switch (send_all(pieces, 3, deadline, &some)) {
      case Step::done:
        return RR_OK;
      case Step::timed_out:
        // A call cut off: the server would wait for its rest.
        if (some) lose("a call could not be sent in time");
        return RR_TIMED_OUT;
      case Step::again:
      case Step::lost:
        if (!some && !fresh) break;  // nothing was sent: once more
        kept_ += elapsed(begun);
        return RR_UNREACHABLE;
    }
  }
}

// All pieces, reading what comes meanwhile. `some`: at least a byte has gone.
Connection::Step Connection::send_all(iovec* pieces, int count, TimePoint deadline, bool* some) {
  while (count > 0) {
    msghdr message{};
    message.msg_iov = pieces;
    message.msg_iovlen = static_cast<std::size_t>(count);
    const ssize_t sent = ::sendmsg(socket_, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) {
        lose(std::strerror(errno));
        return Step::lost;
      }
      const Step step = wait_for(POLLIN | POLLOUT, deadline);
      if (step != Step::done) return step;
      if (!drain()) return Step::lost;
      continue;
    }
    *some = *some || sent > 0;
    auto rest = static_cast<std::size_t>(sent);
    while (count > 0 && rest >= pieces->iov_len) {
      rest -= pieces->iov_len;
      ++pieces;
      --count;
    }
    if (count > 0) {
      pieces->iov_base = static_cast<char*>(pieces->iov_base) + rest;
      pieces->iov_len -= rest;
    }
  }
  return Step::done;
}

std::uint32_t Connection::next_sequence() {
  do {
    ++sequence_;
  } while (sequence_ == 0 || (!waiting_.empty() && waiting_.count(sequence_) != 0));
  return sequence_;
}

// ---------------------------------------------------------------- receiving

// The reply to `sequence`; what comes for others is put aside for them. With `pending`, its result
// may be there already.
int Connection::await(std::uint32_t sequence, Pending* pending, double seconds, TimePoint begun,
                      TimePoint deadline, std::string_view* reply) {
  for (bool first = true;; first = false) {
    goridge::RpcMessage message;
    Step step;
    while ((step = next_reply(&message)) == Step::done) {
      if (message.sequence == sequence) {
        *reply = message.body;
        return (message.flags & goridge::flag::error) != 0 ? RR_REFUSED : RR_OK;
      }
      if (!deliver(message)) break;
    }
    if (step == Step::again && socket_ >= 0) step = receive(seconds, deadline, first);
    if (step == Step::timed_out) {
      if (!pending) waiting_.emplace(sequence, nullptr);
      return timed_out(seconds, reply);
    }
    if (step == Step::lost || socket_ < 0) return unreachable(begun, reply);
  }
}

// again: none is there yet.
Connection::Step Connection::next_reply(goridge::RpcMessage* reply) {
  switch (replies_.next(reply)) {
    case Replies::Next::reply:
      return Step::done;
    case Replies::Next::none:
      return Step::again;
    case Replies::Next::garbage:
      lose(std::string("the server sent what is no reply: ") + replies_.fault());
      return Step::lost;
  }
  return Step::lost;
}

// To whom it belongs. False: to nobody, and the connection is lost.
bool Connection::deliver(const goridge::RpcMessage& reply) {
  const auto found = waiting_.find(reply.sequence);
  if (found == waiting_.end()) {
    lose("the server sent what is no reply: it answers a call that was not made");
    return false;
  }
  if (Pending* pending = found->second) {
    pending->text = reply.body;
    pending->status = (reply.flags & goridge::flag::error) != 0 ? RR_REFUSED : RR_OK;
  }
  waiting_.erase(found);
  return true;
}

// Some bytes. In a warm call it is the recv() alone that waits, which the socket's own limit ends.
Connection::Step Connection::receive(double seconds, TimePoint deadline, bool first) {
  const bool blocks = first && seconds > 0;
  if (blocks) {
    limit_receive(seconds);
  } else if (const Step step = wait_for(POLLIN, deadline); step != Step::done) {
    return step;
  }
  std::size_t size = 0;
  char* room = replies_.room(&size);
  const ssize_t got = ::recv(socket_, room, size, blocks ? 0 : MSG_DONTWAIT);
  if (got > 0) {
    fresh_ = false;
    replies_.came(static_cast<std::size_t>(got));
    return Step::done;
  }
  if (got == 0) {
    lose("the server closed the connection before its reply");
    return Step::lost;
  }
  if (errno == EINTR) return Step::done;
  if (errno == EAGAIN || errno == EWOULDBLOCK) {
    return Clock::now() >= deadline ? Step::timed_out : Step::done;
  }
  lose(std::strerror(errno));
  return Step::lost;
}

void Connection::limit_receive(double seconds) {
  if (seconds == receive_seconds_) return;
  const double limited = std::min(seconds, kLongest);
  timeval limit{};
  limit.tv_sec = static_cast<time_t>(limited);
  limit.tv_usec = static_cast<suseconds_t>(std::ceil((limited - std::floor(limited)) * 1e6));
  if (limit.tv_usec >= 1'000'000) {
    ++limit.tv_sec;
    limit.tv_usec = 0;
  }
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  receive_seconds_ = seconds;
}

Connection::Step Connection::wait_for(short events, TimePoint deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd entry{socket_, events, 0};
    const int ready =
        ::poll(&entry, 1, static_cast<int>(std::clamp<decltype(left + 0)>(left, 0, 60'000)));
    if (ready > 0) return Step::done;
    if (ready < 0 && errno != EINTR) {
      lose(std::strerror(errno));
      return Step::lost;
    }
    if (Clock::now() >= deadline) return Step::timed_out;
  }
}

// What has come, for whom it came, without waiting. False: the connection is lost.
bool Connection::drain() {
  for (;;) {
    goridge::RpcMessage message;
    Step step;
    while ((step = next_reply(&message)) == Step::done) {
      if (!deliver(message)) return false;
    }
    if (step == Step::lost) return false;
    std::size_t size = 0;
    char* room = replies_.room(&size);
    const ssize_t got = ::recv(socket_, room, size, MSG_DONTWAIT);
    if (got > 0) {
      fresh_ = false;
      replies_.came(static_cast<std::size_t>(got));
    } else if (got == 0) {
      lose("the server closed the connection before its reply");
      return false;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return true;
    } else if (errno != EINTR) {
      lose(std::strerror(errno));
      return false;
    }
  }
}

void Connection::poll_replies() {
  if (owner_ != ::getpid()) {
    forget_parent();
  } else if (socket_ >= 0) {
    drain();
  }
}

// ---------------------------------------------------------------- connecting

// Whether the server has closed the connection since; what it then sends over TCP would be lost
// without a word. A unix socket says so when it is written to.
bool Connection::went_stale() {
  if (address_.kind == Address::Kind::local) return false;
  char byte;
  const ssize_t got = ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)))
    return false;
  lose("the server closed the connection");
  return true;
}

// The parent's connection is the parent's: two that read one stream of replies would each get
// parts of it.
void Connection::forget_parent() {
  lose("the call was made by another process, which has its reply");
}

bool Connection::ensure_connected() {
  const pid_t process = ::getpid();
  if (socket_ >= 0 && owner_ != process) forget_parent();
  if (socket_ >= 0 && !went_stale()) return true;
  owner_ = process;
  const TimePoint begun = Clock::now();
  std::string why;
  socket_ = dial(address_, connect_seconds_, &why);
  if (socket_ >= 0) {
    fresh_ = true;
    receive_seconds_ = -1;
    return true;
  }
  kept_ = name_ + ": " + why + elapsed(begun);
  return false;
}

// ---------------------------------------------------------------- losing it

// Whoever waits hears why.
void Connection::lose(const std::string& why) {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  kept_ = name_ + ": " + why;
  for (const auto& [sequence, pending] : waiting_) {
    if (!pending) continue;
    pending->status = RR_UNREACHABLE;
    pending->text = kept_ + elapsed(pending->begun);
  }
  waiting_.clear();
  replies_.clear();
}

int Connection::unreachable(TimePoint begun, std::string_view* error) {
  kept_ += elapsed(begun);
  *error = kept_;
  return RR_UNREACHABLE;
}

int Connection::timed_out(double seconds, std::string_view* error) {
  kept_ = name_ + number(": no answer within %g s", seconds);
  *error = kept_;
  return RR_TIMED_OUT;
}

}  // namespace rr::ext
