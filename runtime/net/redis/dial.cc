// How a connection comes to be: name, address, socket, TLS, login.
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "runtime/net/redis/connection.h"
#include "runtime/net/redis/deadline.h"

namespace rr::redis {

namespace {

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

}  // namespace

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

}  // namespace rr::redis
