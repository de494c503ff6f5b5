#include "runtime/net/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <thread>
#include <utility>

#include "runtime/net/address_name.h"
#include "runtime/net/kept_sockets.h"
#include "runtime/net/resolve.h"

namespace rr::net {
namespace {

using namespace std::chrono_literals;

constexpr int kFastOpenQueue = 16384;

Error system_error(std::string_view what, std::string_view address) {
  return Error(
      Errc::io, "",
      "listen " + std::string(address) + ": " + std::string(what) + ": " + system_text(errno));
}

// A server that shares the port (SO_REUSEPORT) would take connections away silently: first tried
// without the flag.
Result<int> bind_tcp(const sockaddr* address, socklen_t length, std::string_view text,
                     ListenSocket::Options options) {
  const auto open_socket = [&]() -> int {
    const int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return fd;
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (address->sa_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    return fd;
  };
  const int fd = open_socket();
  if (fd < 0) return system_error("socket", text);
  const int on = 1;
  if (options.reuse_port) setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (options.fast_open) {
    setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN, &kFastOpenQueue, sizeof kFastOpenQueue);
  }
  if (bind(fd, address, length) != 0) {
    auto error = system_error("bind", text);
    close(fd);
    return error;
  }
  return fd;
}

// Nobody else can connect in between: the file gets its permissions with its name, and its owner
// before they are widened.
Result<void> give_away(const std::string& path, const ListenSocket::Options& options) {
  constexpr auto kSame = static_cast<uid_t>(-1);
  const auto failed = [&](std::string_view what) {
    return Error(Errc::io, "",
                 "listen unix " + path + ": " + std::string(what) + ": " + system_text(errno));
  };
  if ((options.user || options.group) &&
      lchown(path.c_str(), options.user.value_or(kSame), options.group.value_or(kSame)) != 0) {
    return failed("chown");
  }
  if (options.mode && chmod(path.c_str(), *options.mode) != 0) return failed("chmod");
  return {};
}

Result<int> bind_unix(const std::string& path, const ListenSocket::Options& options) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return Error(Errc::invalid, "",
                 "listen unix " + path + ": bind: invalid argument (the path is " +
                     (path.empty() ? "empty)" : "too long)"));
  }
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return system_error("socket", path);
  // A socket that answers belongs to a running server; one that does not is left over.
  struct stat info {};
  if (stat(path.c_str(), &info) == 0 && !S_ISDIR(info.st_mode)) {
    if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
      close(fd);
      return Error(Errc::io, "", "listen unix " + path + ": bind: address already in use");
    }
    unlink(path.c_str());
  }
  if (options.mode) fchmod(fd, *options.mode & 0700);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    Error error(Errc::io, "", "listen unix " + path + ": bind: " + system_text(errno));
    close(fd);
    return error;
  }
  if (auto given = give_away(path, options); !given) {
    unlink(path.c_str());
    close(fd);
    return std::move(given).error();
  }
  return fd;
}

// Absolute: the next program may have another working directory.
std::string absolute_path(const std::string& path) {
  std::error_code failed;
  const auto absolute = std::filesystem::absolute(path, failed);
  return failed ? path : absolute.lexically_normal().string();
}

Result<std::vector<ListenSocket>> opened(std::vector<ListenSocket> sockets,
                                         ListenSocket::Options options) {
  for (ListenSocket& socket : sockets) {
    if (!options.accepts) break;
    if (auto open = socket.accept_clients(); !open) return std::move(open).error();
  }
  return sockets;
}

Peer peer_of(const sockaddr_storage& remote, const sockaddr_storage& local) {
  return net::peer_of(reinterpret_cast<const sockaddr&>(remote),
                      reinterpret_cast<const sockaddr&>(local));
}

}  // namespace

Result<std::vector<ListenSocket>> ListenSocket::listen(std::string_view text, Options options) {
  std::vector<ListenSocket> sockets;
  std::string_view rest = text;
  if (const auto scheme = rest.find("://"); scheme != std::string_view::npos) {
    const std::string_view name = rest.substr(0, scheme);
    rest.remove_prefix(scheme + 3);
    if (name == "unix") {
      auto socket = listen_unix(std::string(rest), options);
      if (!socket) return std::move(socket).error();
      sockets.push_back(std::move(socket).value());
      return opened(std::move(sockets), options);
    }
    if (name != "tcp") {
      return Error(
          Errc::invalid, "",
          "invalid Protocol ([tcp://]:6001, unix://file.sock), address: " + std::string(text));
    }
  }
  auto found = resolve_listen_address(rest, SOCK_STREAM);
  if (!found) return std::move(found).error();
  std::optional<Error> failure;
  for (const addrinfo* each = found->get(); each; each = each->ai_next) {
    std::string name = address_name(*each->ai_addr, each->ai_addrlen);
    if (const int kept = KeptSockets::of_process().take(name); kept >= 0) {
      sockets.push_back(ListenSocket(kept, "", std::move(name)));
      continue;
    }
    auto fd = bind_tcp(each->ai_addr, each->ai_addrlen, "tcp " + std::string(rest), options);
    if (fd) {
      sockets.push_back(ListenSocket(*fd, "", std::move(name)));
    } else if (!failure) {
      failure = std::move(fd).error();
    }
  }
  // A host name may stand for families this machine does not have: one socket is enough.
  if (sockets.empty()) return *std::move(failure);
  if (failure && failure->message.find(system_text(EADDRINUSE)) != std::string::npos) {
    return *std::move(failure);
  }
  return opened(std::move(sockets), options);
}

Result<ListenSocket> ListenSocket::listen_unix(const std::string& path, const Options& options) {
  std::string name = path.empty() ? "" : "unix://" + absolute_path(path);
  if (const int kept = KeptSockets::of_process().take(name); kept >= 0) {
    ListenSocket socket(kept, path, std::move(name));
    if (auto given = give_away(path, options); !given) return std::move(given).error();
    return socket;
  }
  auto fd = bind_unix(path, options);
  if (!fd) return std::move(fd).error();
  return ListenSocket(*fd, path, std::move(name));
}

Result<void> ListenSocket::accept_clients() {
  if (::listen(descriptor_, SOMAXCONN) != 0) return system_error("listen", address());
  return {};
}

ListenSocket::ListenSocket(int descriptor, std::string path, std::string name)
    : descriptor_(descriptor), path_(std::move(path)), name_(std::move(name)) {
  KeptSockets::of_process().opened({name_, descriptor_});
}

ListenSocket::ListenSocket(ListenSocket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      path_(std::move(other.path_)),
      name_(std::move(other.name_)) {
  other.path_.clear();
}

ListenSocket::~ListenSocket() {
  close();
}

void ListenSocket::close() {
  if (descriptor_ < 0) return;
  const bool gone = KeptSockets::of_process().closed({name_, std::exchange(descriptor_, -1)});
  if (gone && !path_.empty()) unlink(path_.c_str());
}

std::uint16_t ListenSocket::port() const {
  sockaddr_storage local{};
  socklen_t length = sizeof local;
  getsockname(descriptor_, reinterpret_cast<sockaddr*>(&local), &length);
  return peer_of(local, local).local_port;
}

std::string ListenSocket::address() const {
  if (!path_.empty()) return "unix://" + path_;
  sockaddr_storage local{};
  socklen_t length = sizeof local;
  getsockname(descriptor_, reinterpret_cast<sockaddr*>(&local), &length);
  const Peer peer = peer_of(local, local);
  const bool v6 = local.ss_family == AF_INET6;
  return (v6 ? "[" : "") + peer.local_address + (v6 ? "]:" : ":") + std::to_string(peer.local_port);
}

Listener::Listener(Reactor& reactor, ListenSocket socket, Acceptor& acceptor, Options options,
                   log::Logger log)
    : reactor_(reactor),
      socket_(std::move(socket)),
      acceptor_(acceptor),
      options_(options),
      log_(log) {}

Listener::~Listener() {
  stop();
}

Result<void> Listener::start() {
  if (auto open = socket_.accept_clients(); !open) return open;
  handle_ = reactor_.add(socket_.descriptor(), *this);
  started_ = true;
  on_ready({});
  return {};
}

void Listener::stop() {
  if (!std::exchange(started_, false)) return;
  // Another thread may be accepting: it lets go in a moment.
  while (!reactor_.try_own(handle_)) std::this_thread::yield();
  reactor_.close(handle_);
  socket_.close();
}

void Listener::on_ready(Readiness) {
  do {
    accept_all();
  } while (!reactor_.let_go(handle_));
}

void Listener::on_deadline(TimePoint) {
  on_ready({});
}

void Listener::accept_all() {
  for (;;) {
    sockaddr_storage remote{};
    socklen_t length = sizeof remote;
    int fd = accept4(socket_.descriptor(), reinterpret_cast<sockaddr*>(&remote), &length,
                     SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) {
        // Out of descriptors or memory, or a client's error. The edge is used up: look again in a
        // while, when others may have closed.
        if (!std::exchange(out_of_descriptors_, true)) {
          log_.error("accept failed, clients wait", log::kv("error", std::strerror(errno)));
        }
        reactor_.set_deadline(handle_, Clock::now() + 100ms);
      }
      return;
    }
    out_of_descriptors_ = false;
    if (fd < options_.first_descriptor) {
      const int moved = fcntl(fd, F_DUPFD_CLOEXEC, options_.first_descriptor);
      if (moved >= 0) {
        close(fd);
        fd = moved;
      }
    }
    sockaddr_storage local{};
    length = sizeof local;
    getsockname(fd, reinterpret_cast<sockaddr*>(&local), &length);
    acceptor_.accept(fd, peer_of(remote, local));
  }
}

}  // namespace rr::net
