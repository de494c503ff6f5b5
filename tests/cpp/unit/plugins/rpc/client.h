// A blocking goridge client for the tests.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <optional>
#include <string>

#include "runtime/goridge/rpc.h"

namespace rr::rpc {

// Waits half a minute at most for anything.
class Client {
 public:
  // "127.0.0.1:port" or "unix://path".
  explicit Client(const std::string& address) {
    if (address.starts_with("unix://")) {
      sockaddr_un to{};
      to.sun_family = AF_UNIX;
      std::strncpy(to.sun_path, address.c_str() + 7, sizeof to.sun_path - 1);
      fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
      connect(reinterpret_cast<const sockaddr*>(&to), sizeof to);
    } else {
      sockaddr_in to{};
      to.sin_family = AF_INET;
      const auto colon = address.rfind(':');
      to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
      inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
      fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      connect(reinterpret_cast<const sockaddr*>(&to), sizeof to);
    }
  }
  Client(Client&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), connected_(other.connected_), input_(other.input_) {}
  ~Client() { ::close(fd_); }

  bool connected() const { return connected_; }
  int descriptor() const { return fd_; }
  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  void send(std::uint32_t sequence, std::string_view method, std::string_view body,
            std::uint8_t flags = goridge::flag::codec_json) {
    write(goridge::encode(goridge::RpcMessage{flags, sequence, method, body}));
  }
  void end_writing() { ::shutdown(fd_, SHUT_WR); }

  // "seq method body", "!" before the body of an error; "end" when the connection ended, "reset"
  // when hard, "timeout".
  std::string receive() {
    goridge::FrameReader reader(1U << 30);
    for (;;) {
      if (reader.parse(input_) == goridge::Parse::complete) break;
      if (const std::string problem = read_some(); !problem.empty()) return problem;
    }
    const auto reply = goridge::rpc_message(reader.header(), reader.payload(input_));
    if (!reply) return "no reply";
    std::string text = std::to_string(reply->sequence) + " " + std::string(reply->method) + " " +
                       ((reply->flags & goridge::flag::error) != 0 ? "!" : "") +
                       std::string(reply->body);
    input_.erase(0, reader.frame_size());
    return text;
  }
  std::string call(std::uint32_t sequence, std::string_view method, std::string_view body) {
    send(sequence, method, body);
    return receive();
  }
  // How the connection ends: "end", after nothing else.
  std::string end() {
    const std::string problem = read_some();
    return problem.empty() ? "bytes: " + input_ : problem;
  }

 private:
  void connect(const sockaddr* address, socklen_t size) {
    connected_ = ::connect(fd_, address, size) == 0;
  }
  std::string read_some() {
    pollfd ready{fd_, POLLIN, 0};
    if (::poll(&ready, 1, 30'000) <= 0) return "timeout";
    char chunk[65536];
    const ssize_t got = ::recv(fd_, chunk, sizeof chunk, 0);
    if (got == 0) return "end";
    if (got < 0) return "reset";
    input_.append(chunk, static_cast<std::size_t>(got));
    return "";
  }

  int fd_ = -1;
  bool connected_ = false;
  std::string input_;
};

}  // namespace rr::rpc
