#include "runtime/core/sd_notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace rr {
namespace {

Notifier& messenger() {
  static Notifier notifier;
  return notifier;
}

}  // namespace

void notify_through(Notifier notifier) {
  messenger() = std::move(notifier);
}

Notified sd_notify(std::string_view state, std::string* error) {
  if (messenger()) return messenger()(state, error);
  const char* path = std::getenv("NOTIFY_SOCKET");
  if (path == nullptr || *path == '\0') return Notified::no;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::size_t length = std::strlen(path);
  int failure = ENAMETOOLONG;
  if (length < sizeof address.sun_path) {
    std::memcpy(address.sun_path, path, length);
    if (path[0] == '@') address.sun_path[0] = '\0';
    const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
    const ssize_t sent = socket < 0 ? -1
                                    : ::sendto(socket, state.data(), state.size(), MSG_NOSIGNAL,
                                               reinterpret_cast<const sockaddr*>(&address), size);
    failure = sent < 0 ? errno : 0;
    if (socket >= 0) ::close(socket);
  }
  if (failure == 0) return Notified::yes;
  if (error != nullptr) *error = std::strerror(failure);
  return Notified::failed;
}

std::string sd_reloading() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return "RELOADING=1\nMONOTONIC_USEC=" +
         std::to_string(now.tv_sec * 1'000'000 + now.tv_nsec / 1000);
}

}  // namespace rr
