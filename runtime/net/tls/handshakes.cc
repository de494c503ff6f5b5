#include "runtime/net/tls/handshakes.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

namespace rr::net::tls {
namespace {

constexpr std::string_view kPlainHttp =
    "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";

}  // namespace

void Handshake::open(int socket, const Peer& peer) {
  socket_ = socket;
  peer_ = peer;
  refused_ = false;
  stream_ = std::make_unique<Stream>(all_.store_.contexts(), socket);
  handle_ = all_.reactor_.add(socket, *this);
  // Counts from the beginning: a trickle of bytes does not move it.
  all_.reactor_.set_deadline(handle_, Clock::now() + all_.limits_.handshake);
  on_ready({});
}

void Handshake::on_ready(Readiness) {
  do {
    if (refused_) {
      if (!read_away()) return close();
      continue;
    }
    if (all_.connections_.draining()) return close();
    switch (stream_->handshake()) {
      case Stream::Handshake::done:
        return hand_over();
      case Stream::Handshake::wait:
        break;
      case Stream::Handshake::plain_http:
        refuse_plain_http();
        if (!read_away()) return close();
        break;
      case Stream::Handshake::failed:
        all_.log_.debug("TLS handshake failed", log::kv("remote_address", peer_.remote_address),
                        log::kv("error", stream_->failure()));
        return close();
    }
  } while (!all_.reactor_.let_go(handle_));
}

void Handshake::on_deadline(TimePoint) {
  close();
}

void Handshake::refuse_plain_http() {
  refused_ = true;
  // A fresh socket takes so little at once.
  [[maybe_unused]] const auto sent =
      ::send(socket_, kPlainHttp.data(), kPlainHttp.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  ::shutdown(socket_, SHUT_WR);
  all_.reactor_.set_deadline(handle_, Clock::now() + all_.limits_.linger);
}

// Closing over unread bytes would reset the connection before the client has read the answer.
bool Handshake::read_away() {
  char bytes[4096];
  for (;;) {
    const ssize_t count = ::recv(socket_, bytes, sizeof bytes, 0);
    if (count > 0) continue;
    if (count < 0 && errno == EINTR) continue;
    return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }
}

void Handshake::hand_over() {
  // A protocol that is none of ours was chosen by a special handshake, which was all of it.
  const std::string_view protocol = stream_->protocol();
  if (!protocol.empty() && protocol != "h2" && protocol != "http/1.1") {
    stream_->end();
    return close();
  }
  std::unique_ptr<Stream> stream = std::move(stream_);
  const int socket = socket_;
  const Peer peer = std::move(peer_);
  Handshakes& all = all_;
  all.reactor_.close(handle_);
  all.connections_.closed(*this);
  const bool http2 = all.http2_ && stream->protocol() == "h2";
  (http2 ? *all.http2_ : all.http1_).accept(socket, peer, std::move(stream));
}

void Handshake::close() {
  stream_.reset();
  all_.reactor_.close(handle_);
  ::close(socket_);
  all_.connections_.closed(*this);
}

Handshakes::Handshakes(Reactor& reactor, const Store& store, SecuredAcceptor& http1,
                       SecuredAcceptor* http2, Limits limits, log::Logger log)
    : reactor_(reactor), store_(store), http1_(http1), http2_(http2), limits_(limits), log_(log) {}

void Handshakes::accept(int socket, const Peer& peer) {
  connections_.open([this] { return std::make_unique<Handshake>(*this); }).open(socket, peer);
}

}  // namespace rr::net::tls
