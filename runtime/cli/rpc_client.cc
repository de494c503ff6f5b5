#include "runtime/cli/rpc_client.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "runtime/core/config/files.h"
#include "runtime/goridge/frame.h"

namespace rr::cli {

namespace {

// Replies hold lists of workers and pipelines: far below this.
constexpr std::uint32_t kMaxReply = 64U << 20;

[[noreturn]] void fail(std::string text) {
  throw ConfigError({}, std::move(text), {});
}

int dial_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) fail("dial unix " + path + ": path too long");
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket >= 0 &&
      ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    return socket;
  const int error = errno;
  if (socket >= 0) ::close(socket);
  fail("dial unix " + path + ": connect: " + config::system_text(error));
}

int dial_tcp(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos)
    fail("dial tcp: address " + address + ": missing port in address");
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty()) host = "127.0.0.1";
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), address.c_str() + colon + 1, &wanted, &found) != 0) {
    fail("dial tcp: lookup " + host + ": no such host");
  }
  int socket = -1, error = 0;
  for (const addrinfo* each = found; each != nullptr && socket < 0; each = each->ai_next) {
    socket = ::socket(each->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket >= 0 && ::connect(socket, each->ai_addr, each->ai_addrlen) == 0) break;
    error = errno;
    if (socket >= 0) ::close(socket);
    socket = -1;
  }
  ::freeaddrinfo(found);
  if (socket < 0) fail("dial tcp " + address + ": connect: " + config::system_text(error));
  return socket;
}

int dial(const std::string& dsn) {
  const std::size_t scheme = dsn.find("://");
  const std::string kind = dsn.substr(0, scheme);
  const std::string rest = scheme == std::string::npos ? "" : dsn.substr(scheme + 3);
  if (kind == "unix") return dial_unix(rest);
  if (kind == "tcp") return dial_tcp(rest);
  fail("invalid Protocol ([tcp://]:6001, unix://file.sock), address: " + dsn);
}

}  // namespace

RpcClient::RpcClient(const std::string& dsn) : socket_(dial(dsn)) {}

RpcClient::~RpcClient() {
  ::close(socket_);
}

void RpcClient::give_up_after(std::chrono::milliseconds time) {
  const timeval limit{.tv_sec = time.count() / 1000, .tv_usec = time.count() % 1000 * 1000};
  for (const int way : {SO_RCVTIMEO, SO_SNDTIMEO})
    ::setsockopt(socket_, SOL_SOCKET, way, &limit, sizeof limit);
}

std::uint32_t RpcClient::send(std::string_view method, const nlohmann::json& argument) {
  return send(method, goridge::flag::codec_json, argument.dump());
}

std::uint32_t RpcClient::send(std::string_view method, std::uint8_t codec,
                              std::string_view argument) {
  const std::string payload = std::string(method).append(argument);
  goridge::Header header;
  header.flags = codec;
  header.option_count = 2;
  header.options[0] = ++last_sequence_;
  header.options[1] = static_cast<std::uint32_t>(method.size());
  header.payload_bytes = static_cast<std::uint32_t>(payload.size());
  std::array<char, goridge::kMaxHeaderBytes> head;
  std::string bytes(head.data(), goridge::encode(header, head.data()));
  bytes += payload;
  for (std::string_view left = bytes; !left.empty();) {
    const ssize_t sent = ::send(socket_, left.data(), left.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) fail("write: i/o timeout");
    if (sent < 0) fail("write: " + config::system_text(errno));
    left.remove_prefix(static_cast<std::size_t>(sent));
  }
  return last_sequence_;
}

RpcClient::Reply RpcClient::receive() {
  goridge::FrameReader reader(kMaxReply);
  for (;;) {
    const goridge::Parse parsed = reader.parse(received_);
    if (parsed == goridge::Parse::complete) break;
    if (parsed == goridge::Parse::malformed) fail("the answer of the server is no goridge frame");
    std::array<char, 16384> chunk;
    const ssize_t got = ::recv(socket_, chunk.data(), chunk.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) fail("read: i/o timeout");
    if (got < 0) fail("read: " + config::system_text(errno));
    if (got == 0) fail("unexpected EOF: the server closed the connection");
    received_.append(chunk.data(), static_cast<std::size_t>(got));
  }
  const goridge::Header& header = reader.header();
  std::string_view payload = reader.payload(received_);
  if (header.option_count != 2 || header.options[1] > payload.size()) {
    fail("the answer of the server is no RPC frame");
  }
  payload.remove_prefix(header.options[1]);
  Reply reply;
  reply.sequence = header.options[0];
  if ((header.flags & goridge::flag::error) != 0) {
    reply.error = payload.empty() ? "unknown error" : std::string(payload);
  } else {
    reply.body = payload;
  }
  received_.erase(0, reader.frame_size());
  return reply;
}

nlohmann::json RpcClient::call(std::string_view method, const nlohmann::json& argument) {
  send(method, argument);
  const Reply reply = receive();
  if (!reply.error.empty()) fail(reply.error);
  auto result = nlohmann::json::parse(reply.body, nullptr, false);
  if (result.is_discarded()) fail("the answer of the server is no JSON");
  return result;
}

std::string RpcClient::call_proto(std::string_view method, std::string_view message) {
  send(method, goridge::flag::codec_proto, message);
  Reply reply = receive();
  if (!reply.error.empty()) fail(reply.error);
  return std::move(reply.body);
}

}  // namespace rr::cli
