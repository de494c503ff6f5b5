#include "hostile.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string_view>

#include "server.h"

namespace rr::e2e {
namespace {

// `fields` of a first request: {n} is the length of what follows the head.
struct FirstRequest {
  const char* fields;
  // How the body that hides the other request may be written:
  //   w  as it is                    c  as a chunk, and the last chunk
  //   e  behind a last chunk         b  in chunks that are none
  const char* bodies;
};

constexpr FirstRequest kFramings[] = {
    // One length, and all that may stand beside it.
    {"Content-Length: {n}\r\n", "wce"},
    {"content-length:{n}\r\n", "wce"},
    {"Content-Length: \t {n} \t\r\n", "wce"},
    {"Content-Length: 0{n}\r\n", "wce"},
    {"Content-Length: {n}\r\nTransfer_Encoding: chunked\r\n", "wce"},
    {"Content-Length: {n}\r\nTransfer-Encodin: chunked\r\n", "wce"},
    {"Content-Length: {n}\r\nX-Transfer-Encoding: chunked\r\n", "wce"},
    {"Content-Length: {n}\r\nTE: chunked\r\nTrailer: Content-Length\r\n", "wce"},
    {"Expect: 100-continue\r\nContent-Length: {n}\r\n", "wce"},
    {"Connection: close, Content-Length\r\nContent-Length: {n}\r\n", "wce"},
    {"Connection: Transfer-Encoding\r\nContent-Length: {n}\r\n", "wce"},
    // Two.
    {"Content-Length: {n}\r\nContent-Length: {n}\r\n", "wce"},
    {"Content-Length: {n}, {n}\r\n", "wce"},
    {"Content-Length: {n}\r\nContent-Length: 0\r\n", "wce"},
    {"Content-Length: 0\r\nContent-Length: {n}\r\n", "wce"},
    {"Content-Length: 0, {n}\r\n", "wce"},
    {"Content-Length: {n}, 0\r\n", "wce"},
    {"Content-Length:\r\nContent-Length: {n}\r\n", "wce"},
    // None that is a number.
    {"Content-Length: +{n}\r\n", "wce"},
    {"Content-Length: -{n}\r\n", "wce"},
    {"Content-Length: 0x{n}\r\n", "wce"},
    {"Content-Length: {n}a\r\n", "wce"},
    {"Content-Length: 0 {n}\r\n", "wce"},
    {"Content-Length: {n};\r\n", "wce"},
    {"Content-Length: \"{n}\"\r\n", "wce"},
    {"Content-Length: 18446744073709551616\r\n", "wce"},
    {"Content-Length: 18446744073709551{n}\r\n", "wce"},
    {"Content-Length: 9223372036854775808\r\n", "wce"},
    {"Content-Length: 1e9\r\n", "wce"},
    {"Content-Length : {n}\r\n", "wce"},
    {"Content-Length\t: {n}\r\n", "wce"},
    {" Content-Length: {n}\r\n", "wce"},
    {"X: y\r\n Content-Length: {n}\r\n", "wce"},
    {"Content-Length:\r\n {n}\r\n", "wce"},
    {"X: y\rContent-Length: {n}\r\nContent-Length: 0\r\n", "wce"},
    // Chunked.
    {"Transfer-Encoding: chunked\r\n", "cb"},
    {"transfer-encoding:CHUNKED\r\n", "cb"},
    {"Transfer-Encoding: \tchunked \r\n", "cb"},
    {"Transfer-Encoding: gzip, chunked\r\n", "cb"},
    // Both.
    {"Transfer-Encoding: chunked\r\nContent-Length: {n}\r\n", "wceb"},
    {"Content-Length: {n}\r\nTransfer-Encoding: chunked\r\n", "wceb"},
    {"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "ceb"},
    {"Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", "ceb"},
    {"Transfer-Encoding: gzip, chunked\r\nContent-Length: {n}\r\n", "wce"},
    {"Transfer-Encoding: identity\r\nContent-Length: {n}\r\n", "wce"},
    {"Transfer-Encoding: identity, chunked\r\nContent-Length: {n}\r\n", "wce"},
    {"Transfer-Encoding: chunked, identity\r\nContent-Length: {n}\r\n", "wce"},
    {"Transfer-Encoding: chunked, chunked\r\nContent-Length: {n}\r\n", "wce"},
    {"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\nContent-Length: {n}\r\n", "wce"},
    {"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\nContent-Length: {n}\r\n", "wce"},
    {"Transfer-Encoding: xchunked\r\nContent-Length: {n}\r\n", "wce"},
    {"Transfer-Encoding: chunkedx\r\nContent-Length: {n}\r\n", "wce"},
    {"Transfer-Encoding: chunked;q=1\r\nContent-Length: {n}\r\n", "wce"},
    {"Transfer-Encoding: \"chunked\"\r\nContent-Length: {n}\r\n", "wce"},
    {"Transfer-Encoding: ,chunked\r\nContent-Length: {n}\r\n", "wce"},
    {"Transfer-Encoding:\r\nContent-Length: {n}\r\n", "wce"},
    {"Transfer-Encoding:\r\n chunked\r\nContent-Length: {n}\r\n", "wce"},
    {"Transfer-Encoding : chunked\r\nContent-Length: {n}\r\n", "wce"},
    {"Transfer-Encoding\t: chunked\r\nContent-Length: {n}\r\n", "wce"},
    {" Transfer-Encoding: chunked\r\nContent-Length: {n}\r\n", "wce"},
    {"X: y\r\n Transfer-Encoding: chunked\r\nContent-Length: {n}\r\n", "wce"},
    {"X: y\rTransfer-Encoding: chunked\r\nContent-Length: {n}\r\n", "wce"},
    {"Transfer-Encoding: \vchunked\r\nContent-Length: {n}\r\n", "wce"},
    {"Transfer-Encoding: chunked\v\r\nContent-Length: {n}\r\n", "wce"},
    {"Transfer-Encoding:\xC2\xA0"
     "chunked\r\nContent-Length: {n}\r\n",
     "wce"},
    {"Transfer-Encoding: chun\x01ked\r\nContent-Length: {n}\r\n", "wce"},
    {"Foo\r\nTransfer-Encoding: chunked\r\nContent-Length: {n}\r\n", "wce"},
    {": chunked\r\nContent-Length: {n}\r\n", "wce"},
    {"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: "
     "AAMAAABkAARAAAAAAAIAAAAA"
     "\r\nContent-Length: {n}\r\n",
     "wce"},
};

constexpr const char* kMethods[] = {"GET",    "POST",    "PUT", "HEAD",
                                    "DELETE", "OPTIONS", "get", "PURGE"};
constexpr const char* kVersions[] = {"HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.1",
                                     "HTTP/1.0", "HTTP/1.2", "http/1.1"};

constexpr const char* kPieces[] = {
    "GET /r/0 HTTP/1.1\r\n",
    "POST / HTTP/1.1\r\n",
    "GET\t/\tHTTP/1.1\r\n",
    "GET  / HTTP/1.1\r\n",
    "GET / HTTP/1.1",
    "GET /\r\n",
    "GET / HTTP/9.9\r\n",
    "\r\n",
    "\n",
    "\r",
    "Host: x\r\n",
    "Host: x\r\nHost: y\r\n",
    "Host: a b\r\n",
    "Host:\r\n",
    "Content-Length: 5\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Expect: 100-continue\r\n",
    "Expect: 200-ok\r\n",
    "Connection: close\r\n",
    "Connection: keep-alive\r\n",
    "Upgrade: websocket\r\n",
    "Range: bytes=0-,-1\r\n",
    "If-None-Match: *\r\n",
    "Cookie: a=b; ;=;a\r\n",
    "Content-Type: multipart/form-data; boundary=x\r\n",
    "Content-Type: application/x-www-form-urlencoded\r\n",
    "--x\r\nContent-Disposition: form-data; name=\"a[b][\"\r\n\r\n1\r\n--x--\r\n",
    "5\r\nhello\r\n",
    "0\r\n\r\n",
    "ffffffffffffffffff\r\n",
    "a=b&c[d][]=e&%%%&=&",
    "hello",
    "GET http://x/r/0 HTTP/1.1\r\n",
    "CONNECT x:1 HTTP/1.1\r\n",
    "OPTIONS * HTTP/1.1\r\n",
    "GET /%00%2e%2e/%zz HTTP/1.1\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "\x16\x03\x01\x02\x00\x01",
};

std::string filled(std::string_view text, std::size_t length) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text.substr(at, 3) == "{n}") {
      out += std::to_string(length);
      at += 2;
    } else {
      out += text[at];
    }
  }
  return out;
}

std::string hex(std::size_t number) {
  char text[20];
  std::snprintf(text, sizeof text, "%zx", number);
  return text;
}

std::string big_endian(std::uint32_t number, int bytes) {
  std::string out;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    out += static_cast<char>(number >> shift & 0xFF);
  return out;
}

}  // namespace

std::string HostileCorpus::noise(std::size_t size) {
  std::string bytes(size, '\0');
  for (char& each : bytes) each = static_cast<char>(random_());
  return bytes;
}

// Chunks of which none is one to the letter, though all the data lies within what they may be.
std::string HostileCorpus::bad_chunks(const std::string& data) {
  const std::string size = hex(data.size());
  const std::string good_end = "\r\n0\r\n\r\n";
  switch (draw(16)) {
    case 0:
      return "0x" + size + "\r\n" + data + good_end;
    case 1:
      return "+" + size + "\r\n" + data + good_end;
    case 2:
      return " " + size + "\r\n" + data + good_end;
    case 3:
      return size + " \r\n" + data + good_end;
    case 4:
      return size + "\n" + data + good_end;
    case 5:
      return size + "\r\n" + data + "0\r\n\r\n";
    case 6:
      return size + "\r\n" + data + "XX0\r\n\r\n";
    case 7:
      return "-" + size + "\r\n" + data + good_end;
    case 8:
      return "0\r\n" + data;  // its lines in place of trailers
    case 9:
      return "1" + std::string(16, '0') + size + "\r\n" + data + good_end;
    case 10:
      return "2;\nxx\r\n" + size + "\r\n0\r\n\r\n" + data + good_end;
    case 11:
      return size + ";" + std::string(70'000, 'e') + "\r\n" + data + good_end;
    case 12:
      return "\r\n" + size + "\r\n" + data + good_end;
    case 13:
      return "g\r\n" + data + good_end;
    case 14:
      return size + "\r" + data + good_end;
    default:
      return size + ";a=\"\r\n" + data + good_end;
  }
}

std::string HostileCorpus::smuggling(const std::string& number) {
  const FirstRequest& first = any_of(kFramings);
  const std::string_view bodies = first.bodies;
  const std::string hidden = "GET /smuggled/" + number + " HTTP/1.1\r\nHost: x\r\n\r\n";
  std::string body = hidden;
  switch (bodies[draw(static_cast<std::uint32_t>(bodies.size()))]) {
    case 'c':
      body = hex(hidden.size()) + "\r\n" + hidden + "\r\n0\r\n\r\n";
      break;
    case 'e':
      body = "0\r\n\r\n" + hidden;
      break;
    case 'b':
      body = bad_chunks(hidden);
      break;
    default:
      break;
  }
  std::string bytes =
      std::string(any_of(kMethods)) + " /r/" + number + " " + any_of(kVersions) + "\r\nHost: x\r\n";
  if (one_in(4)) bytes += "X-Padding: " + std::string(draw(9000), 'p') + "\r\n";
  bytes += filled(first.fields, body.size()) + "\r\n" + body;
  if (one_in(3)) bytes += "GET /r/" + number + "/end HTTP/1.1\r\nHost: x\r\n\r\n";
  return bytes;
}

// A few bytes become others, go, or come twice; or all ends early.
void HostileCorpus::spoil(std::string& bytes) {
  for (auto times = 1 + draw(4); times > 0 && !bytes.empty(); --times) {
    const std::size_t at = draw(static_cast<std::uint32_t>(bytes.size()));
    switch (draw(5)) {
      case 0:
        bytes.resize(at);
        break;
      case 1:
        bytes[at] = static_cast<char>(random_());
        break;
      case 2:
        bytes.erase(at, 1 + draw(8));
        break;
      case 3:
        bytes.insert(at, bytes.substr(at, 1 + draw(64)));
        break;
      default:
        bytes.insert(at, noise(1 + draw(16)));
    }
  }
}

std::string HostileCorpus::broken_http1(const std::string& number) {
  if (one_in(200)) return "GET / HTTP/1.1\r\nX: " + std::string(70'000 + draw(70'000), 'x');
  if (one_in(200)) {
    std::string many = "GET / HTTP/1.1\r\n";
    for (auto count = draw(5000); count > 0; --count) many += "A: b\r\n";
    return many + "\r\n";
  }
  std::string bytes;
  if (one_in(2)) {
    for (auto count = 1 + draw(12); count > 0; --count) bytes += any_of(kPieces);
    return bytes;
  }
  bytes = "POST /r/" + number +
          "?a=b HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
          "Transfer-Encoding: chunked\r\nCookie: a=b\r\n\r\n7\r\na[b]=cd\r\n0\r\nX: y\r\n\r\n";
  spoil(bytes);
  return bytes;
}

// HPACK: mostly a request, now and then nonsense.
std::string HostileCorpus::header_block(const std::string& number) {
  const std::string path = "/r/" + number;
  std::string block = "\x82\x86\x41\x01x\x04";
  block += static_cast<char>(path.size());
  block += path;
  switch (draw(8)) {
    case 0:
      spoil(block);
      break;
    case 1:
      block += std::string("\x00\x04te\r\n\x01x", 9);  // a name that is none
      break;
    case 2:
      block += "\x3f\xe1\xff\x03";  // a table of some 64 KiB
      break;
    case 3:
      block += noise(draw(200));
      break;
    default:
      break;
  }
  return block;
}

std::string HostileCorpus::http2_frame(const std::string& number) {
  static constexpr std::uint32_t kStreams[] = {0, 1, 1, 1, 3, 3, 5, 2, 7, 0x7fffffff, 0xffffffff};
  const std::uint32_t stream = any_of(kStreams);
  std::uint32_t type = draw(12);
  std::uint32_t flags = one_in(3) ? draw(256) : 0x4 | draw(2);
  std::string payload;
  switch (type) {
    case 0:
      payload = noise(draw(one_in(20) ? 20'000 : 100));
      break;
    case 1:
    case 5:
    case 9:
    case 10:
    case 11:
      type = type > 9 ? 1 : type;
      payload = header_block(number);
      break;
    case 4:
      for (auto count = draw(4); count > 0; --count)
        payload += big_endian(draw(9), 2) + big_endian(one_in(3) ? random_() : draw(70'000), 4);
      if (one_in(3)) flags = 0;
      break;
    case 6:
      payload = noise(one_in(5) ? draw(20) : 8);
      break;
    case 8:
      payload = big_endian(one_in(3) ? 0x7fffffff : draw(3), 4);
      break;
    default:
      payload = noise(draw(20));
  }
  std::uint32_t length = static_cast<std::uint32_t>(payload.size());
  if (one_in(30)) length += draw(40) - 20;
  if (one_in(100)) length = draw(1U << 24U);
  return big_endian(length & 0xFFFFFF, 3) + static_cast<char>(type) + static_cast<char>(flags) +
         big_endian(stream, 4) + payload;
}

std::string HostileCorpus::http2(const std::string& number) {
  std::string bytes = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  bytes += std::string("\0\0\0\4\0\0\0\0\0", 9);
  for (auto count = 1 + draw(20); count > 0; --count) bytes += http2_frame(number);
  if (one_in(10)) spoil(bytes);
  return bytes;
}

std::string HostileCorpus::fastcgi(const std::string& number) {
  std::string bytes;
  const auto record = [&](std::uint32_t type, std::uint32_t id, const std::string& content) {
    const std::uint32_t padding = draw(8);
    const std::uint32_t length =
        static_cast<std::uint32_t>(content.size()) + (one_in(40) ? draw(70'000) : 0);
    bytes += std::string(1, one_in(100) ? '\2' : '\1') + big_endian(type, 1) + big_endian(id, 2) +
             big_endian(length, 2) + big_endian(padding, 1) + '\0' + content +
             std::string(padding, 'p');
  };
  const auto pair = [&](const std::string& name, const std::string& value) {
    return big_endian(static_cast<std::uint32_t>(name.size()), 1) +
           big_endian(static_cast<std::uint32_t>(value.size()), 1) + name + value;
  };
  for (auto count = 1 + draw(3); count > 0; --count) {
    const std::uint32_t id = one_in(10) ? draw(65'536) : 1;
    record(1, id,
           big_endian(one_in(10) ? draw(9) : 1, 2) + big_endian(draw(2), 1) + std::string(5, '\0'));
    std::string params = pair("REQUEST_METHOD", "POST") + pair("REQUEST_URI", "/r/" + number) +
                         pair("SERVER_PROTOCOL", "HTTP/1.1") + pair("HTTP_HOST", "x") +
                         pair("CONTENT_LENGTH", std::to_string(draw(50)));
    if (one_in(4)) spoil(params);
    record(4, id, params);
    if (!one_in(6)) record(4, id, "");
    record(5, id, noise(draw(60)));
    if (!one_in(6)) record(5, id, "");
    if (one_in(6)) record(draw(14), id, noise(draw(30)));
  }
  if (one_in(6)) spoil(bytes);
  return bytes;
}

std::string HostileCorpus::quic() {
  static constexpr std::uint32_t kVersions[] = {1, 1, 1, 0, 0x6b3343cf, 0xff00001d, 0x1a2a3a4a};
  if (one_in(20)) return noise(draw(1500));
  std::string bytes;
  if (one_in(4)) {  // of a connection that nobody has
    bytes = std::string(1, static_cast<char>(0x40 | draw(64))) + noise(20 + draw(60));
  } else {
    const auto id = [&] {
      const std::string text = noise(draw(one_in(20) ? 256 : 21));
      return big_endian(one_in(40) ? draw(256) : static_cast<std::uint32_t>(text.size()), 1) + text;
    };
    bytes = std::string(1, static_cast<char>(0xC0 | draw(64))) +
            big_endian(one_in(10) ? random_() : any_of(kVersions), 4) + id() + id();
    const std::string token = noise(one_in(3) ? draw(64) : 0);
    bytes += static_cast<char>(one_in(20) ? draw(256) : token.size()) + token;
    const std::uint32_t rest = one_in(2) ? 1100 + draw(200) : draw(200);
    bytes += big_endian(0x4000 | (one_in(10) ? draw(0x4000) : rest), 2) + noise(rest);
  }
  if (one_in(10)) spoil(bytes);
  return bytes;
}

void throw_datagrams(std::uint16_t port, HostileCorpus& corpus, std::uint64_t count) {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
    throw ConnectionClosed("no datagrams to " + std::to_string(port));
  char answer[2048];
  for (; count > 0; --count) {
    const std::string bytes = corpus.quic();
    (void)::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    while (::recv(fd, answer, sizeof answer, 0) > 0) {
    }
  }
  ::close(fd);
}

bool talk(const std::string& socket_path, const std::string& bytes, std::string& answer) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  socket_path.copy(to.sun_path, sizeof to.sun_path - 1);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
    ::close(fd);
    throw ConnectionClosed("nobody listens at " + socket_path);
  }
  answer.clear();
  bool ended = false;
  const auto read_some = [&] {
    char buffer[16384];
    const ssize_t got = ::recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (got > 0) answer.append(buffer, static_cast<std::size_t>(got));
    ended = got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
  };
  std::size_t sent = 0;
  const auto deadline = std::chrono::steady_clock::now() + patience(20s);
  bool sending = true;
  while (!ended && std::chrono::steady_clock::now() < deadline) {
    if (sending) {
      const ssize_t count =
          ::send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (count > 0) sent += static_cast<std::size_t>(count);
      if (sent == bytes.size() || (count < 0 && errno != EAGAIN)) {
        sending = false;
        ::shutdown(fd, SHUT_WR);
      }
    }
    pollfd wait{fd, static_cast<short>(POLLIN | (sending ? POLLOUT : 0)), 0};
    ::poll(&wait, 1, 1000);
    read_some();
  }
  ::close(fd);
  return ended;
}

}  // namespace rr::e2e
