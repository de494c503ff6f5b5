#include "client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <thread>
#include <utility>

namespace rr::net::testing {

Client::Client(const std::string& address, Options options) {
  const bool local = address.starts_with("unix://");
  socket_ = ::socket(local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (options.receive_buffer > 0) {
    setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &options.receive_buffer, sizeof(int));
  }
  if (options.send_buffer > 0)
    setsockopt(socket_, SOL_SOCKET, SO_SNDBUF, &options.send_buffer, sizeof(int));
  // Pieces go out as they are sent.
  const int on = 1;
  if (!local) setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  int result;
  if (local) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    address.copy(to.sun_path, sizeof to.sun_path - 1, 7);
    result = connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to);
  } else {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(
        static_cast<std::uint16_t>(std::atoi(address.substr(address.rfind(':') + 1).c_str())));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    result = connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to);
  }
  if (result != 0) {
    close(socket_);
    socket_ = -1;
    ended_ = true;
    return;
  }
  fcntl(socket_, F_SETFL, O_NONBLOCK);
  if (options.tls) tls_ = std::make_unique<TlsClient>(*options.tls);
}

Client::~Client() {
  if (socket_ >= 0) close(socket_);
}

bool Client::pump() {
  if (ended_) return false;
  if (tls_) {
    if (!shaken_) shaken_ = tls_->shake_hands();
    if (shaken_) tls_->say(std::exchange(out_, {}));
    tls_->append_output(ciphertext_);
  }
  std::string& out = tls_ ? ciphertext_ : out_;
  pollfd wait{.fd = socket_, .events = POLLIN, .revents = 0};
  if (!out.empty()) wait.events |= POLLOUT;
  const int ready = poll(&wait, 1, static_cast<int>(limit_.count()));
  if (ready == 0) {
    timed_out_ = true;
    return false;
  }
  if ((wait.revents & POLLOUT) != 0 && !out.empty()) {
    const ssize_t sent = ::send(socket_, out.data(), out.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) out.erase(0, static_cast<std::size_t>(sent));
    // The other side has closed: what it said before may still be read.
    if (sent < 0 && errno != EAGAIN && errno != EINTR) out.clear();
  }
  if ((wait.revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
    if (pause_.count() > 0) std::this_thread::sleep_for(pause_);
    char bytes[64 * 1024];
    const ssize_t got = ::read(socket_, bytes, std::min(sizeof bytes, at_a_time_));
    // What came with the end may still be read.
    if (got > 0) ended_ = !receive({bytes, static_cast<std::size_t>(got)});
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
      ended_ = true;
      return false;
    }
  }
  return true;
}

// False: the server has ended the TLS connection.
bool Client::receive(std::string_view bytes) {
  if (!tls_) {
    in_.append(bytes);
    return true;
  }
  tls_->received(bytes);
  if (!shaken_ && !(shaken_ = tls_->shake_hands())) return !tls_->failed();
  return tls_->take(in_);
}

bool Client::shake_hands() {
  while (!shaken_) {
    if (!pump()) return false;
  }
  tls_->append_output(ciphertext_);
  return flush();
}

bool Client::flush() {
  while (sending()) {
    if (!pump()) return false;
  }
  return true;
}

bool Client::until(std::size_t size) {
  while (in_.size() < size) {
    if (!pump()) return false;
  }
  return true;
}

std::optional<Answer> Client::answer(bool to_head) {
  std::size_t end;
  std::size_t from = 0;
  while ((end = in_.find("\r\n\r\n", from)) == std::string::npos) {
    from = in_.size() < 3 ? 0 : in_.size() - 3;
    if (!pump()) return std::nullopt;
  }
  Answer answer;
  std::string_view head = std::string_view(in_).substr(0, end + 2);
  const std::string_view line = head.substr(0, head.find("\r\n"));
  if (line.size() < 12 || !line.starts_with("HTTP/1.")) return std::nullopt;
  answer.version = line.substr(0, 8);
  answer.status = std::atoi(std::string(line.substr(9, 3)).c_str());
  head.remove_prefix(line.size() + 2);
  while (!head.empty()) {
    const std::string_view field = head.substr(0, head.find("\r\n"));
    head.remove_prefix(field.size() + 2);
    const auto colon = field.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::string name(field.substr(0, colon));
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    std::string_view value = field.substr(colon + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    answer.fields.emplace(std::move(name), value);
  }
  in_.erase(0, end + 4);
  answer.closes = answer.field("connection") == "close" ||
                  (answer.version == "HTTP/1.0" && answer.field("connection") != "keep-alive");
  if (to_head || answer.status < 200 || answer.status == 204 || answer.status == 304) return answer;
  if (answer.field("transfer-encoding") == "chunked") {
    for (;;) {
      std::size_t eol;
      while ((eol = in_.find("\r\n")) == std::string::npos) {
        if (!pump()) return std::nullopt;
      }
      char* digits_end = nullptr;
      const std::string digits = in_.substr(0, eol);
      const std::size_t size = std::strtoul(digits.c_str(), &digits_end, 16);
      if (digits.empty() || *digits_end != 0) return std::nullopt;
      if (!until(eol + 2 + size + 2)) return std::nullopt;
      answer.body.append(in_, eol + 2, size);
      if (in_.compare(eol + 2 + size, 2, "\r\n") != 0) return std::nullopt;
      in_.erase(0, eol + 2 + size + 2);
      if (size == 0) return answer;
    }
  }
  if (const std::string length = answer.field("content-length"); !length.empty()) {
    const std::size_t size = std::strtoul(length.c_str(), nullptr, 10);
    if (!until(size)) return std::nullopt;
    answer.body = in_.substr(0, size);
    in_.erase(0, size);
    return answer;
  }
  answer.closes = true;
  answer.body = rest();
  return answer;
}

std::string Client::rest() {
  while (pump()) {
  }
  return std::exchange(in_, {});
}

bool Client::at_end() {
  while (in_.empty() && pump()) {
  }
  return in_.empty() && ended_;
}

void Client::half_close() {
  ::shutdown(socket_, SHUT_WR);
}

void Client::reset() {
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close(socket_);
  socket_ = -1;
  ended_ = true;
}

}  // namespace rr::net::testing
