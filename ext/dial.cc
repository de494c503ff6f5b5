#include "ext/dial.h"

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
#include <chrono>
#include <cstring>
#include <thread>

namespace rr::ext {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// The error that connecting came to; 0: none.
int finish_connect(int fd, Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd entry{fd, POLLOUT, 0};
    const int ready =
        ::poll(&entry, 1, static_cast<int>(std::clamp<decltype(left + 0)>(left, 0, 60'000)));
    if (ready > 0) {
      int why = 0;
      socklen_t length = sizeof why;
      ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &length);
      return why;
    }
    if (ready < 0 && errno != EINTR) return errno;
    if (Clock::now() >= deadline) return ETIMEDOUT;
  }
}

int connect_to(int family, const void* where, std::size_t size, Clock::time_point deadline,
               std::string* why) {
  const int fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) {
    *why = std::strerror(errno);
    return -1;
  }
  int error = 0;
  while (::connect(fd, static_cast<const sockaddr*>(where), static_cast<socklen_t>(size)) != 0) {
    error = errno;
    if (error == EAGAIN && Clock::now() < deadline) {  // a unix socket with a full queue
      std::this_thread::sleep_for(1ms);
      error = 0;
      continue;
    }
    if (error == EINPROGRESS || error == EINTR) error = finish_connect(fd, deadline);
    break;
  }
  if (error != 0) {
    *why = std::strerror(error);
    ::close(fd);
    return -1;
  }
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) & ~O_NONBLOCK);
  return fd;
}

int dial_tcp(const Address& address, Clock::time_point deadline, std::string* why) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &found);
  if (failed != 0) {
    *why = failed == EAI_SYSTEM ? std::strerror(errno) : ::gai_strerror(failed);
    return -1;
  }
  int fd = -1;
  for (const addrinfo* each = found; each && fd < 0; each = each->ai_next) {
    fd = connect_to(each->ai_family, each->ai_addr, each->ai_addrlen, deadline, why);
  }
  ::freeaddrinfo(found);
  if (fd < 0) return -1;
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  return fd;
}

}  // namespace

int dial(const Address& address, double seconds, std::string* why) {
  const auto deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                           std::chrono::duration<double>(seconds));
  if (address.kind == Address::Kind::tcp) return dial_tcp(address, deadline, why);
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  std::memcpy(where.sun_path, address.path.data(), address.path.size());
  return connect_to(AF_UNIX, &where, sizeof where, deadline, why);
}

}  // namespace rr::ext
