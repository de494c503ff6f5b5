// What systemd says to a server and hears from it: NOTIFY_SOCKET, the watchdog, sockets that it
// listened on before the server was there.
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client.h"
#include "server.h"
#include "styles.h"

namespace rr::e2e {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// systemd's end of NOTIFY_SOCKET.
class NotifySocket {
 public:
  // An abstract one has no file.
  enum class Kind : bool { file, abstract };
  explicit NotifySocket(Kind kind = Kind::file) {
    std::string pattern = std::filesystem::temp_directory_path() / "rr-notify-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    name_ = kind == Kind::abstract ? "@" + (folder_ / "s").string() : (folder_ / "s").string();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name_.data(), name_.size());
    if (kind == Kind::abstract) address.sun_path[0] = '\0';
    fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
    if (::bind(fd_, reinterpret_cast<sockaddr*>(&address), length) != 0)
      throw std::runtime_error("bind");
    const timeval patient{20, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patient, sizeof patient);
  }
  ~NotifySocket() {
    ::close(fd_);
    std::filesystem::remove_all(folder_);
  }
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  std::string variable() const { return "NOTIFY_SOCKET=" + name_; }
  // The next message; "nothing" when none comes.
  std::string next() const {
    char bytes[4096];
    const ssize_t got = ::recv(fd_, bytes, sizeof bytes, 0);
    return got < 0 ? "nothing" : std::string(bytes, static_cast<std::size_t>(got));
  }
  // The next that is no tick of the watchdog.
  std::string next_event() const {
    std::string message = next();
    while (message == "WATCHDOG=1") message = next();
    return message;
  }

 private:
  std::filesystem::path folder_;
  std::string name_;
  int fd_ = -1;
};

class Systemd : public ::testing::TestWithParam<Style> {};
INSTANTIATE_TEST_SUITE_P(Styles, Systemd, ::testing::ValuesIn(plain_styles()), style_name);

// spec:05#28
TEST_P(Systemd, HearsOfStartRestartAndStop) {
  const NotifySocket notify;
  ServerOptions options = serve(GetParam());
  options.environment.push_back(notify.variable());
  Server server(options);
  EXPECT_EQ(notify.next(), "READY=1");
  server.signal(SIGUSR2);
  EXPECT_TRUE(std::regex_match(notify.next(), std::regex("RELOADING=1\nMONOTONIC_USEC=[1-9]\\d+")));
  EXPECT_EQ(notify.next(), "READY=1");
  EXPECT_EQ(server.get("/").body, "hello");
  server.signal(SIGTERM);
  EXPECT_EQ(notify.next(), "STOPPING=1");
  EXPECT_EQ(server.wait_exit(), 0);
  EXPECT_THAT(server.log(),
              AllOf(HasSubstr("[INFO] sdnotify: notified\n"), Not(HasSubstr("watchdog enabled"))));
}

TEST(SystemdNotify, AnAbstractSocketWorksToo) {
  const NotifySocket notify(NotifySocket::Kind::abstract);
  ServerOptions options = serve(plain_styles().front());
  options.environment.push_back(notify.variable());
  Server server(options);
  EXPECT_EQ(notify.next(), "READY=1");
}

TEST(SystemdNotify, ASocketThatIsNotThereIsAWarning) {
  ServerOptions options = serve(plain_styles().front());
  options.environment.emplace_back("NOTIFY_SOCKET={dir}/none");
  Server server(options);
  EXPECT_TRUE(server.wait_for_log("[WARN] sdnotify: "));
  EXPECT_EQ(server.get("/").body, "hello");
}

// spec:05#28
TEST(SystemdNotify, TheWatchdogIsFedAcrossARestart) {
  const NotifySocket notify;
  ServerOptions options = serve(plain_styles().at(1));
  options.environment = {notify.variable(), "WATCHDOG_USEC=200000"};
  Server server(options);
  EXPECT_EQ(notify.next_event(), "READY=1");
  EXPECT_EQ(notify.next(), "WATCHDOG=1");
  EXPECT_EQ(notify.next(), "WATCHDOG=1");
  server.signal(SIGUSR2);
  EXPECT_THAT(notify.next_event(), HasSubstr("RELOADING=1"));
  EXPECT_EQ(notify.next_event(), "READY=1");
  EXPECT_EQ(notify.next(), "WATCHDOG=1");
  EXPECT_EQ(notify.next(), "WATCHDOG=1");
  EXPECT_THAT(server.log(), HasSubstr("[INFO] sdnotify: watchdog enabled, timeout: 1 seconds"));
}

// ---- socket activation

// A socket that somebody listens on, and its port.
struct Listening {
  std::uint16_t port = free_port();
  int fd = ::socket(AF_INET, SOCK_STREAM, 0);  // inherited by the server
  Listening() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(fd, 100) != 0)
      throw std::runtime_error("listen");
  }
  ~Listening() { ::close(fd); }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;
};

// As systemd starts it: the descriptors are 3, 4, …, the variables name them.
void activate(ServerOptions& options, const std::vector<int>& descriptors) {
  std::string script;
  for (std::size_t i = 0; i < descriptors.size(); ++i) {
    // By way of high numbers: one may be where another belongs.
    script += "exec " + std::to_string(i + 100) + "<&" + std::to_string(descriptors[i]) + " " +
              std::to_string(descriptors[i]) + "<&-; ";
  }
  for (std::size_t i = 0; i < descriptors.size(); ++i) {
    script += "exec " + std::to_string(i + 3) + "<&" + std::to_string(i + 100) + " " +
              std::to_string(i + 100) + "<&-; ";
  }
  script += "export LISTEN_PID=$$ LISTEN_FDS=" + std::to_string(descriptors.size()) +
            "; exec \"$0\" serve -c {dir}/.rr.yaml";
  options.program = "/bin/bash";  // others know single digits only
  options.arguments = {"-c", script, server_binary()};
}

TEST_P(Systemd, ClientsConnectBeforeTheServerIsThere) {
  const Listening listening;
  ServerOptions options = serve(GetParam());
  const auto at = options.config.find("{port}");
  options.config.replace(at, 6, std::to_string(listening.port));
  activate(options, {listening.fd});
  Client early = Client::tcp(listening.port);
  early.send(request("GET", "/"));
  Server server(options);
  EXPECT_EQ(early.read().body, "hello");
  EXPECT_EQ(get(listening.port, "/").body, "hello");
  server.signal(SIGUSR2);
  Client during = Client::tcp(listening.port);
  during.send(request("GET", "/"));
  EXPECT_EQ(during.read().body, "hello");
}

TEST(SocketActivation, WhatNoAddressAsksForIsClosedWithAWarning) {
  const Listening wanted, unwanted;
  ServerOptions options = serve(plain_styles().front());
  const auto at = options.config.find("{port}");
  options.config.replace(at, 6, std::to_string(wanted.port));
  const int nothing = ::dup(STDIN_FILENO);
  activate(options, {wanted.fd, unwanted.fd, nothing});
  Server server(options);
  ::close(nothing);
  EXPECT_EQ(get(wanted.port, "/").body, "hello");
  EXPECT_TRUE(server.wait_for_log("\"socket\":\"tcp://127.0.0.1:" + std::to_string(unwanted.port)));
  EXPECT_TRUE(server.wait_for_log("descriptor 5 of LISTEN_FDS is no listening socket"));
}

}  // namespace
}  // namespace rr::e2e
