#include "runtime/net/kept_sockets.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <utility>

#include "runtime/net/address_name.h"

namespace rr::net {
namespace {

constexpr int kFirstOfSystemd = 3;
constexpr std::string_view kUnix = "unix://";
constexpr std::string_view kWildcard4 = "://0.0.0.0:";
constexpr std::string_view kWildcard6 = "://[::]:";

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

// Takes a variable out of the environment. Before any other thread.
std::string removed_variable(const char* name) {
  const char* value = std::getenv(name);
  std::string text = value != nullptr ? value : "";
  unsetenv(name);
  return text;
}

int option(int descriptor, int name) {
  int value = 0;
  socklen_t length = sizeof value;
  return getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 ? value : -1;
}

bool is_datagram(int descriptor) {
  return option(descriptor, SO_TYPE) == SOCK_DGRAM;
}

bool takes_clients(int descriptor) {
  return is_datagram(descriptor) ||
         (option(descriptor, SO_TYPE) == SOCK_STREAM && option(descriptor, SO_ACCEPTCONN) == 1);
}

std::string bound_name(int descriptor) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) != 0) return "";
  return address_name(reinterpret_cast<const sockaddr&>(address), length,
                      is_datagram(descriptor) ? Transport::udp : Transport::tcp);
}

}  // namespace

KeptSockets& KeptSockets::of_process() {
  static KeptSockets sockets;
  return sockets;
}

std::vector<std::string> KeptSockets::adopt_from_environment() {
  std::vector<std::string> complaints;
  const auto offer = [&](int descriptor, std::string name, std::string_view from, bool foreign) {
    if (!takes_clients(descriptor)) {
      complaints.push_back("descriptor " + std::to_string(descriptor) + " of " + std::string(from) +
                           " is no listening socket: it is not used");
      return;
    }
    adopt({std::move(name), descriptor, foreign});
  };
  const std::string ours = removed_variable(kVariable);
  for (std::size_t at = 0; at < ours.size();) {
    const std::size_t end = std::min(ours.find('\n', at), ours.size());
    const std::string_view line = std::string_view(ours).substr(at, end - at);
    const std::size_t equals = line.find_first_of("=~");
    const auto descriptor = number(line.substr(0, equals));
    if (descriptor && equals != std::string_view::npos) {
      offer(*descriptor, std::string(line.substr(equals + 1)), kVariable, line[equals] == '~');
    }
    at = end + 1;
  }
  const std::string pid = removed_variable("LISTEN_PID");
  const std::string count = removed_variable("LISTEN_FDS");
  removed_variable("LISTEN_FDNAMES");
  if (number(pid) == getpid()) {
    for (int i = 0; i < number(count).value_or(0); ++i) {
      offer(kFirstOfSystemd + i, bound_name(kFirstOfSystemd + i), "LISTEN_FDS", true);
    }
  }
  return complaints;
}

void KeptSockets::adopt(Socket socket) {
  fcntl(socket.descriptor, F_SETFD, FD_CLOEXEC);
  fcntl(socket.descriptor, F_SETFL, fcntl(socket.descriptor, F_GETFL) | O_NONBLOCK);
  std::lock_guard lock(mutex_);
  if (socket.foreign) foreign_.insert(socket.name);
  unclaimed_.push_back(std::move(socket));
}

int KeptSockets::take(const std::string& name) {
  std::lock_guard lock(mutex_);
  auto found = std::ranges::find(unclaimed_, name, &Socket::name);
  const std::size_t scheme = std::string_view("tcp").size();
  if (found == unclaimed_.end() && name.size() > scheme &&
      name.compare(scheme, kWildcard4.size(), kWildcard4) == 0) {
    const std::string both =
        name.substr(0, scheme) + std::string(kWildcard6) + name.substr(scheme + kWildcard4.size());
    found = std::ranges::find_if(unclaimed_, [&](const Socket& socket) {
      int only6 = 0;
      socklen_t length = sizeof only6;
      return socket.name == both &&
             getsockopt(socket.descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &only6, &length) == 0 &&
             only6 == 0;
    });
  }
  if (found == unclaimed_.end()) return -1;
  const int descriptor = found->descriptor;
  unclaimed_.erase(found);
  return descriptor;
}

std::vector<std::string> KeptSockets::close_unclaimed() {
  std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const Socket& socket : unclaimed_) {
    ::close(socket.descriptor);
    if (socket.name.starts_with(kUnix) && !foreign_.contains(socket.name))
      ::unlink(socket.name.c_str() + kUnix.size());
    names.push_back(socket.name);
    if (watcher_) watcher_({socket.name, -1});
  }
  unclaimed_.clear();
  return names;
}

void KeptSockets::at_end(AtEnd what) {
  std::lock_guard lock(mutex_);
  at_end_ = what;
}

KeptSockets::AtEnd KeptSockets::what_at_end() const {
  std::lock_guard lock(mutex_);
  return at_end_;
}

std::vector<KeptSockets::Socket> KeptSockets::all() const {
  std::lock_guard lock(mutex_);
  std::vector<Socket> all = open_;
  all.insert(all.end(), unclaimed_.begin(), unclaimed_.end());
  for (Socket& socket : all) socket.foreign = foreign_.contains(socket.name);
  return all;
}

std::string KeptSockets::hand_over(const std::vector<Socket>& sockets) {
  std::string value;
  for (const Socket& socket : sockets) {
    value += std::to_string(socket.descriptor) + (socket.foreign ? "~" : "=") + socket.name + "\n";
  }
  return value;
}

void KeptSockets::watch(std::function<void(const Socket&)> watcher) {
  std::lock_guard lock(mutex_);
  watcher_ = std::move(watcher);
  if (!watcher_) return;
  for (const Socket& socket : open_) watcher_(socket);
}

void KeptSockets::opened(Socket socket) {
  std::lock_guard lock(mutex_);
  if (watcher_) watcher_(socket);
  open_.push_back(std::move(socket));
}

bool KeptSockets::closed(const Socket& socket) {
  std::lock_guard lock(mutex_);
  std::erase_if(open_, [&](const Socket& each) { return each.descriptor == socket.descriptor; });
  if (at_end_ == AtEnd::keep) {
    unclaimed_.push_back(socket);
    return false;
  }
  ::close(socket.descriptor);
  if (at_end_ == AtEnd::leave) return false;
  if (watcher_) watcher_({socket.name, -1});
  return !foreign_.contains(socket.name);
}

}  // namespace rr::net
