#include "client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace rr::e2e {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

[[noreturn]] void closed(const std::string& what) {
  throw ConnectionClosed(what + ": " + std::strerror(errno));
}

int connected(int family, const sockaddr* address, socklen_t length) {
  const int fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) closed("socket");
  if (::connect(fd, address, length) != 0) {
    const int why = errno;
    ::close(fd);
    errno = why;
    closed("connect");
  }
  return fd;
}

}  // namespace

std::string Response::header(std::string_view name) const {
  std::string joined;
  for (const auto& [key, value] : headers) {
    if (key == name) joined += (joined.empty() ? "" : ", ") + value;
  }
  return joined;
}

bool Response::has(std::string_view name) const {
  return std::ranges::any_of(headers, [&](const auto& field) { return field.first == name; });
}

Client Client::tcp(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = connected(AF_INET, reinterpret_cast<sockaddr*>(&address), sizeof address);
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return Client(fd);
}

Client Client::unix_socket(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  return Client(connected(AF_UNIX, reinterpret_cast<sockaddr*>(&address), sizeof address));
}

Client::Client(Client&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      timeout_(other.timeout_),
      buffer_(std::move(other.buffer_)) {}

Client& Client::operator=(Client&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(timeout_, other.timeout_);
  std::swap(buffer_, other.buffer_);
  return *this;
}

Client::~Client() {
  if (fd_ >= 0) ::close(fd_);
}

void Client::send(std::string_view bytes) {
  const auto deadline = SteadyClock::now() + timeout_;
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) closed("send");
    pollfd waiting{fd_, POLLOUT, 0};
    if (SteadyClock::now() > deadline) throw TimedOut("the peer takes no bytes");
    ::poll(&waiting, 1, 100);
  }
}

bool Client::fill() {
  const auto deadline = SteadyClock::now() + timeout_;
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - SteadyClock::now());
    pollfd waiting{fd_, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::max<long>(left.count(), 0)));
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) {
      throw TimedOut("nothing came; received so far: " + buffer_.substr(0, 300));
    }
    char bytes[65536];
    const ssize_t count = ::recv(fd_, bytes, sizeof bytes, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) closed("receive");
    buffer_.append(bytes, static_cast<std::size_t>(count));
    return count > 0;
  }
}

std::string Client::read_line() {
  for (;;) {
    if (const auto end = buffer_.find("\r\n"); end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 2);
      return line;
    }
    if (!fill()) throw ConnectionClosed("closed within a line: " + buffer_.substr(0, 300));
  }
}

std::string Client::read_exactly(std::size_t bytes) {
  while (buffer_.size() < bytes) {
    if (!fill()) {
      throw ConnectionClosed("closed after " + std::to_string(buffer_.size()) + " of " +
                             std::to_string(bytes) + " bytes");
    }
  }
  std::string out = buffer_.substr(0, bytes);
  buffer_.erase(0, bytes);
  return out;
}

void Client::read_fields(Fields& fields) {
  for (std::string line = read_line(); !line.empty(); line = read_line()) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) throw std::runtime_error("not a field line: " + line);
    fields.emplace_back(lower(std::string_view(line).substr(0, colon)),
                        trimmed(std::string_view(line).substr(colon + 1)));
  }
}

Response Client::read_head() {
  Response response;
  const std::string line = read_line();
  if (!line.starts_with("HTTP/1.") || line.size() < 12) {
    throw std::runtime_error("not a status line: " + line);
  }
  response.version = line.substr(0, 8);
  response.status = std::stoi(line.substr(9, 3));
  response.reason = line.size() > 13 ? line.substr(13) : "";
  read_fields(response.headers);
  return response;
}

std::string Client::read_chunk() {
  const std::size_t size = std::stoul(read_line(), nullptr, 16);
  if (size == 0) return {};
  std::string chunk = read_exactly(size);
  if (read_exactly(2) != "\r\n") throw std::runtime_error("a chunk does not end where it says");
  return chunk;
}

void Client::read_body(Response& response, std::string_view method) {
  const bool bodiless = method == "HEAD" || response.status == 204 || response.status == 304;
  if (response.header("transfer-encoding") == "chunked" && !bodiless) {
    response.framing = Framing::chunked;
    for (std::string chunk = read_chunk(); !chunk.empty(); chunk = read_chunk()) {
      response.body += chunk;
      response.chunks.push_back(std::move(chunk));
    }
    read_fields(response.trailers);
  } else if (response.has("content-length")) {
    response.framing = Framing::length;
    if (!bodiless) response.body = read_exactly(std::stoul(response.header("content-length")));
  } else if (!bodiless) {
    response.framing = Framing::until_close;
    response.body = read_to_end();
  }
}

Response Client::read(std::string_view method) {
  std::vector<Response> interim;
  for (;;) {
    Response response = read_head();
    if (response.status < 200) {
      interim.push_back(std::move(response));
      continue;
    }
    read_body(response, method);
    response.interim = std::move(interim);
    return response;
  }
}

std::string Client::read_to_end() {
  while (fill()) {
  }
  return std::exchange(buffer_, {});
}

bool Client::stays_silent(milliseconds time) {
  if (!buffer_.empty()) return false;
  pollfd waiting{fd_, POLLIN | POLLRDHUP, 0};
  return ::poll(&waiting, 1, static_cast<int>(time.count())) == 0;
}

void Client::shutdown_write() {
  ::shutdown(fd_, SHUT_WR);
}

void Client::reset() {
  const linger now{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(std::exchange(fd_, -1));
}

void Client::shrink_receive_buffer() {
  const int bytes = 65536;
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

std::string request(std::string_view method, std::string_view target, std::string_view fields,
                    std::string_view body) {
  std::string out;
  out.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: example.org\r\n");
  out.append(fields);
  if (!body.empty() || method == "POST" || method == "PUT") {
    out.append("Content-Length: " + std::to_string(body.size()) + "\r\n");
  }
  return out.append("\r\n").append(body);
}

Response fetch(std::uint16_t port, std::string_view method, std::string_view target,
               std::string_view fields, std::string_view body) {
  Client client = Client::tcp(port);
  client.send(request(method, target, fields, body));
  return client.read(method);
}

Response get(std::uint16_t port, std::string_view target) {
  return fetch(port, "GET", target);
}

}  // namespace rr::e2e
