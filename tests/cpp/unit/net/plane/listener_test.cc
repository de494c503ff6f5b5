// Listening sockets and accepting.
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <mutex>

#include <gtest/gtest.h>

#include "client.h"
#include "gate.h"
#include "test_server.h"

namespace rr::net::testing {
namespace {

using namespace std::chrono_literals;

TestServer::Options echoes(std::string address = "127.0.0.1:0") {
  TestServer::Options options;
  options.address = std::move(address);
  options.crew.script = [](const ScriptContext& context) {
    respond_with(
        context.exchange, 200,
        PinnedBytes{context.exchange.request()(context.exchange.request().head.remote_address)});
    return ScriptedOptions::After::next_job;
  };
  return options;
}

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/rr-net-XXXXXX";
    path_ = mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string operator/(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

TEST(Listening, PortZeroLetsTheSystemChoose) {
  TestServer server(echoes());
  EXPECT_FALSE(server.address().ends_with(":0")) << server.address();
  Client client(server.address());
  client.send(kGet);
  const auto answer = client.answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "127.0.0.1");
}

TEST(Listening, SaysThatAnAddressIsInUse) {
  TestServer server(echoes());
  const auto second = ListenSocket::listen(server.address(), {});
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("address already in use"), std::string::npos)
      << second.error().message;
}

TEST(Listening, RefusesWhatIsNoAddress) {
  for (const char* address : {"8080", "udp://127.0.0.1:1", "127.0.0.1:99999999", "unix://"}) {
    EXPECT_FALSE(ListenSocket::listen(address, {})) << address;
  }
}

TEST(Listening, ServesUnixSockets) {
  Folder folder;
  const std::string path = folder / "s";
  {
    TestServer server(echoes("unix://" + path));
    Client client(server.address());
    client.send(kGet);
    const auto answer = client.answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "@");
    const auto second = ListenSocket::listen("unix://" + path, {});
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().message.find("address already in use"), std::string::npos);
    EXPECT_TRUE(std::filesystem::exists(path));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Listening, ReplacesAUnixSocketNobodyListensOn) {
  Folder folder;
  const std::string path = folder / "s";
  std::ofstream(path) << "left over";
  TestServer server(echoes("unix://" + path));
  Client client(server.address());
  client.send(kGet);
  ASSERT_TRUE(client.answer());
}

class Noted final : public log::Channel {
 public:
  Noted() : Channel(log::Level::debug) {}
  void write(log::Level, std::string_view message, std::span<const log::KeyValue>) override {
    if (message.starts_with("accept failed")) failures.add();
  }
  Counter failures;
};

TEST(Accepting, ClientsWaitWhileThereAreNoDescriptors) {
  auto options = echoes();
  options.listens = false;
  TestServer server(options);
  Noted noted;
  auto sockets = ListenSocket::listen(options.address, {});
  ASSERT_TRUE(sockets);
  const std::string address = sockets->front().address();
  Listener listener(server.plane.reactor(), std::move(sockets->front()), *server.server, {},
                    log::Logger(noted));
  ASSERT_TRUE(listener.start());
  // UBSan's look at an object of a type it has not seen takes descriptors.
  log::Logger(noted).error("about to run out", kv("error", "none"));

  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const int next = dup(0);
  close(next);
  // Room for the client's descriptor and for no more.
  const rlimit tight{static_cast<rlim_t>(next) + 1, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &tight), 0);
  Client client(address);
  client.send(kGet);
  EXPECT_TRUE(client.flush());
  EXPECT_TRUE(noted.failures.wait_for(1));
  setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_TRUE(client.answer());
  EXPECT_EQ(noted.failures.count(), 1);
  listener.stop();
}

}  // namespace
}  // namespace rr::net::testing
