#include "runtime/net/proxy/headers.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace rr::net::proxy {

void Waiting::open(int socket, const Peer& peer) {
  socket_ = socket;
  peer_ = peer;
  handle_ = all_.reactor_.add(socket, *this);
  all_.reactor_.set_deadline(handle_, Clock::now() + Headers::kPatience);
  on_ready({});
}

void Waiting::on_ready(Readiness) {
  char bytes[kMostHeader];
  do {
    if (all_.connections_.draining()) return close();
    const ssize_t count = ::recv(socket_, bytes, sizeof bytes, MSG_PEEK);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) continue;
    if (count <= 0) return close();
    std::size_t size = 0;
    Peer peer = peer_;
    switch (parse_header({bytes, static_cast<std::size_t>(count)}, size, peer)) {
      case Parsed::incomplete:
        if (all_.reactor_.hung_up(handle_)) return close();
        break;
      case Parsed::malformed:
        return close();
      case Parsed::complete:
        if (::recv(socket_, bytes, size, 0) != static_cast<ssize_t>(size)) return close();
        return hand_over(peer);
    }
  } while (!all_.reactor_.let_go(handle_));
}

void Waiting::on_deadline(TimePoint) {
  close();
}

void Waiting::hand_over(const Peer& peer) {
  Headers& all = all_;
  const int socket = socket_;
  all.reactor_.close(handle_);
  all.connections_.closed(*this);
  all.next_.accept(socket, peer);
}

void Waiting::close() {
  all_.reactor_.close(handle_);
  ::close(socket_);
  all_.connections_.closed(*this);
}

}  // namespace rr::net::proxy
