#include "runtime/net/redis/connection.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include <hiredis/hiredis.h>

namespace rr::redis {

namespace {

constexpr TimePoint kNever = TimePoint::max();

TimePoint end_of(Duration timeout) {
  return timeout < Duration::zero() ? kNever : Clock::now() + timeout;
}

int milliseconds_until(TimePoint deadline) {
  if (deadline == kNever) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, INT_MAX));
}

// Go begins them in lower case.
std::string go_text(int error) {
  std::string text = std::strerror(error);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] += 'a' - 'A';
  return text;
}

Error undialled(const std::string& name, std::string_view why) {
  return Error(Errc::network, "", "dial " + name + ": " + std::string(why));
}

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

struct Place {
  std::string network;  // "tcp"
  std::string host;
  std::vector<Address> addresses;
};

Result<Place> resolve(const std::string& address) {
  Place place;
  if (address.starts_with('/')) {
    place.network = "unix";
    Address& only = place.addresses.emplace_back();
    auto& path = reinterpret_cast<sockaddr_un&>(only.storage);
    path.sun_family = AF_UNIX;
    if (address.size() >= sizeof path.sun_path)
      return undialled("unix " + address, "the path is too long");
    std::memcpy(path.sun_path, address.c_str(), address.size() + 1);
    only.size = sizeof path;
    return place;
  }
  place.network = "tcp";
  const std::size_t colon = address.rfind(':');
  place.host = address.substr(0, colon);
  const std::string port = colon == std::string::npos ? "6379" : address.substr(colon + 1);
  if (place.host.starts_with('[') && place.host.ends_with(']'))
    place.host = place.host.substr(1, place.host.size() - 2);
  if (place.host.empty()) place.host = "127.0.0.1";
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int code = ::getaddrinfo(place.host.c_str(), port.c_str(), &hints, &found); code != 0) {
    return undialled("tcp", "lookup " + place.host + ": " +
                                (code == EAI_NONAME ? "no such host" : gai_strerror(code)));
  }
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    Address& one = place.addresses.emplace_back();
    std::memcpy(&one.storage, each->ai_addr, each->ai_addrlen);
    one.size = each->ai_addrlen;
  }
  ::freeaddrinfo(found);
  return place;
}

// A connected non-blocking socket, or 0 less errno.
int connect_to(const Address& address, TimePoint deadline) {
  const int fd = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  const auto give_up = [fd](int error) {
    ::close(fd);
    return -error;
  };
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0) {
    if (errno != EINPROGRESS && errno != EINTR) return give_up(errno);
    pollfd ready{fd, POLLOUT, 0};
    int got = 0;
    do {
      got = ::poll(&ready, 1, milliseconds_until(deadline));
    } while (got < 0 && errno == EINTR);
    if (got == 0) return give_up(ETIMEDOUT);
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return give_up(error);
  }
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  return fd;
}

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

Result<std::unique_ptr<Connection>> Connection::dial(const std::string& address,
                                                     const Settings& settings, TlsContext* tls,
                                                     const Login& login) {
  const TimePoint deadline = end_of(settings.dial_timeout);
  auto place = resolve(address);
  if (!place) return std::move(place).error();
  const std::string name = place->network + " " + address;
  int fd = -EADDRNOTAVAIL;
  for (const Address& each : place->addresses) {
    fd = connect_to(each, deadline);
    if (fd >= 0) break;
  }
  if (fd < 0) {
    return undialled(name, fd == -ETIMEDOUT ? "i/o timeout" : "connect: " + go_text(-fd));
  }
  std::unique_ptr<Connection> made(new Connection(fd, name, settings));
  if (tls != nullptr) {
    made->tls_ = std::make_unique<TlsSession>(*tls, fd, place->host);
    for (;;) {
      const short events = made->tls_->handshake();
      if (events == 0) break;
      if (events < 0) return undialled(name, "tls: " + made->tls_->error());
      if (auto ready = made->wait(events, deadline, "tls handshake with"); !ready)
        return std::move(ready).error();
    }
  }
  if (auto done = made->log_in(login); !done) return std::move(done).error();
  return made;
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
