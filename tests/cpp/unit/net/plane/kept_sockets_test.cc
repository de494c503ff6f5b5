// Listening sockets that outlive their server.
#include "runtime/net/kept_sockets.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "runtime/net/http3/udp_socket.h"
#include "runtime/net/listener.h"

namespace rr::net::testing {
namespace {

class KeptSocketsTest : public ::testing::Test {
 protected:
  KeptSocketsTest() {
    char name[] = "/tmp/rr-kept-XXXXXX";
    folder_ = mkdtemp(name);
  }
  ~KeptSocketsTest() override {
    sockets().at_end(KeptSockets::AtEnd::close);
    sockets().watch(nullptr);
    sockets().close_unclaimed();
    std::filesystem::remove_all(folder_);
  }
  static KeptSockets& sockets() { return KeptSockets::of_process(); }
  std::string folder_;
};

bool connects(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, path.c_str());
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  const bool connected =
      connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return connected;
}

TEST_F(KeptSocketsTest, AKeptSocketIsTheNextServersToo) {
  std::string address;
  {
    auto first = ListenSocket::listen("127.0.0.1:0", {});
    ASSERT_TRUE(first);
    address = first->front().address();
    sockets().at_end(KeptSockets::AtEnd::keep);
  }
  sockets().at_end(KeptSockets::AtEnd::close);
  const auto all = sockets().all();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all.front().name, "tcp://127.0.0.1:0");
  auto second = ListenSocket::listen("127.0.0.1:0", {});
  ASSERT_TRUE(second);
  EXPECT_EQ(second->front().address(), address);
}

TEST_F(KeptSocketsTest, ASocketForDatagramsIsKeptBesideOneForStreams) {
  std::string address;
  {
    auto first = http3::UdpSocket::bind("127.0.0.1:0", false);
    ASSERT_TRUE(first);
    address = first->front().address();
    sockets().at_end(KeptSockets::AtEnd::keep);
  }
  sockets().at_end(KeptSockets::AtEnd::close);
  ASSERT_EQ(sockets().all().size(), 1u);
  EXPECT_EQ(sockets().all().front().name, "udp://127.0.0.1:0");
  const int kept = sockets().all().front().descriptor;
  auto streams = ListenSocket::listen("127.0.0.1:0", {});
  ASSERT_TRUE(streams);
  EXPECT_NE(streams->front().descriptor(), kept);
  auto second = http3::UdpSocket::bind("127.0.0.1:0", false);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->front().descriptor(), kept);
  EXPECT_EQ(second->front().address(), address);
}

TEST_F(KeptSocketsTest, TheEnvironmentNamesSocketsForDatagramsToo) {
  const int given = ::socket(AF_INET, SOCK_DGRAM, 0);
  ASSERT_GE(given, 0);
  setenv(KeptSockets::kVariable, KeptSockets::hand_over({{"udp://127.0.0.9:443", given}}).c_str(),
         1);
  EXPECT_TRUE(sockets().adopt_from_environment().empty());
  auto socket = http3::UdpSocket::bind("127.0.0.9:443", false);
  ASSERT_TRUE(socket);
  EXPECT_EQ(socket->front().descriptor(), given);
}

TEST_F(KeptSocketsTest, TheFileOfAKeptUnixSocketStays) {
  const std::string path = folder_ + "/s";
  {
    auto first = ListenSocket::listen("unix://" + path, {});
    ASSERT_TRUE(first);
    sockets().at_end(KeptSockets::AtEnd::keep);
  }
  EXPECT_TRUE(connects(path));
  sockets().at_end(KeptSockets::AtEnd::close);
  { ASSERT_TRUE(ListenSocket::listen("unix://" + path, {})); }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(KeptSocketsTest, AFileThatAnotherProcessListensOnIsLeft) {
  const std::string path = folder_ + "/s";
  {
    auto first = ListenSocket::listen("unix://" + path, {});
    ASSERT_TRUE(first);
    sockets().at_end(KeptSockets::AtEnd::leave);
  }
  EXPECT_TRUE(std::filesystem::exists(path));
  EXPECT_FALSE(connects(path));
}

TEST_F(KeptSocketsTest, TheEnvironmentNamesThem) {
  int given = -1;
  {
    auto first = ListenSocket::listen("127.0.0.1:0", {});
    ASSERT_TRUE(first);
    given = fcntl(first->front().descriptor(), F_DUPFD, 100);
  }
  const std::string value = KeptSockets::hand_over({{"tcp://127.0.0.9:80", given}}) +
                            "100000=tcp://127.0.0.8:80\nnonsense\n";
  setenv(KeptSockets::kVariable, value.c_str(), 1);
  const auto complaints = sockets().adopt_from_environment();
  EXPECT_EQ(std::getenv(KeptSockets::kVariable), nullptr);
  ASSERT_EQ(complaints.size(), 1u);
  EXPECT_NE(complaints.front().find("100000"), std::string::npos) << complaints.front();
  EXPECT_NE(fcntl(given, F_GETFD) & FD_CLOEXEC, 0);
  auto second = ListenSocket::listen("127.0.0.9:80", {});
  ASSERT_TRUE(second);
  EXPECT_EQ(second->front().descriptor(), given);
}

TEST_F(KeptSocketsTest, ListenFdsOfAnotherProcessAreNotOurs) {
  setenv("LISTEN_PID", std::to_string(getpid() + 1).c_str(), 1);
  setenv("LISTEN_FDS", "1", 1);
  EXPECT_TRUE(sockets().adopt_from_environment().empty());
  EXPECT_TRUE(sockets().all().empty());
  EXPECT_EQ(std::getenv("LISTEN_FDS"), nullptr);
}

TEST_F(KeptSocketsTest, AnIpv4WildcardTakesSystemdsSocketOfBothFamilies) {
  auto both = ListenSocket::listen("[::]:0", {});
  if (!both) GTEST_SKIP() << "no IPv6 here";
  // Bound with IPV6_V6ONLY, as ours are: it takes no IPv4 client.
  const int only6 = fcntl(both->front().descriptor(), F_DUPFD, 100);
  sockets().adopt({"tcp://[::]:7777", only6});
  EXPECT_EQ(sockets().take("tcp://0.0.0.0:7777"), -1);
  EXPECT_EQ(sockets().take("tcp://[::]:7777"), only6);
  close(only6);
}

TEST_F(KeptSocketsTest, WhatNobodyAsksForIsClosed) {
  int given = -1;
  {
    auto first = ListenSocket::listen("127.0.0.1:0", {});
    ASSERT_TRUE(first);
    given = fcntl(first->front().descriptor(), F_DUPFD, 100);
  }
  sockets().adopt({"tcp://127.0.0.1:1", given});
  EXPECT_EQ(sockets().close_unclaimed(), std::vector<std::string>{"tcp://127.0.0.1:1"});
  EXPECT_EQ(fcntl(given, F_GETFD), -1);
}

TEST_F(KeptSocketsTest, TheFileOfAKeptUnixSocketThatNobodyAsksForGoes) {
  const std::string path = folder_ + "/s";
  {
    auto first = ListenSocket::listen("unix://" + path, {});
    ASSERT_TRUE(first);
    sockets().at_end(KeptSockets::AtEnd::keep);
  }
  sockets().close_unclaimed();
  EXPECT_FALSE(std::filesystem::exists(path));
}

// systemd goes on listening: without the file nobody could connect.
TEST_F(KeptSocketsTest, TheFileOfSystemdsSocketStaysWhateverBecomesOfIt) {
  const std::string path = folder_ + "/s";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, path.c_str());
  const int theirs = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(bind(theirs, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(listen(theirs, 8), 0);
  const auto give = [&] { return fcntl(theirs, F_DUPFD_CLOEXEC, 100); };

  // Once from systemd, once handed on to the next program of the process.
  sockets().adopt({"unix://" + path, give(), true});
  { ASSERT_TRUE(ListenSocket::listen("unix://" + path, {})); }
  EXPECT_TRUE(connects(path));
  const std::string value = KeptSockets::hand_over({{"unix://" + path, give(), true}});
  setenv(KeptSockets::kVariable, value.c_str(), 1);
  EXPECT_TRUE(sockets().adopt_from_environment().empty());
  EXPECT_TRUE(sockets().all().front().foreign);
  sockets().close_unclaimed();
  EXPECT_TRUE(connects(path));
  close(theirs);
}

TEST_F(KeptSocketsTest, AWatcherHearsOfEachSocket) {
  std::vector<std::string> heard;
  auto first = ListenSocket::listen("127.0.0.1:0", {});
  ASSERT_TRUE(first);
  sockets().watch([&](const KeptSockets::Socket& socket) {
    heard.push_back((socket.descriptor < 0 ? "closed " : "opened ") + socket.name);
  });
  const std::string path = folder_ + "/s";
  { ASSERT_TRUE(ListenSocket::listen("unix://" + path, {})); }
  EXPECT_EQ(heard, (std::vector<std::string>{"opened tcp://127.0.0.1:0", "opened unix://" + path,
                                             "closed unix://" + path}));
}

}  // namespace
}  // namespace rr::net::testing
