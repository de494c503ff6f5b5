// What scripts on threads share by plain calls: keys and values, locks, metrics, under load and
// over the life of a server.
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server.h"

namespace rr::e2e {
namespace {

using testing::HasSubstr;

ServerOptions options(int workers, const std::string& pool = "", const std::string& more = "") {
  ServerOptions out;
  out.config =
      "version: '3'\n"
      "server: {command: 'php -d opcache.enable_cli=1 -d display_errors=0 "
      "{apps}/native/shared.php'}\n"
      "http: {address: '127.0.0.1:{port}', pool: {mode: classic, num_workers: " +
      std::to_string(workers) + pool +
      "}}\n"
      "rpc: {listen: 'tcp://127.0.0.1:{port2}'}\n"
      "kv: {mem: {driver: memory, config: {}}}\n"
      "metrics: {address: '127.0.0.1:0'}\n"
      "logs: {level: error, mode: production}\n" +
      more;
  return out;
}

std::string op(const std::string& name) {
  return "/?op=" + name;
}

TEST(Native, EightThreadsShareWhatTheyHaveWhileTheServerIsResetAndStopped) {
  Server server(options(8, "", "endure: {grace_period: 60s}\n"));
  std::atomic<bool> stop = false;
  std::atomic<int> done = 0, other = 0;
  std::vector<std::thread> clients;
  for (int t = 0; t < 8; ++t) {
    clients.emplace_back([&] {
      while (!stop) {
        try {
          server.get(op("hammer")).body == "done" ? ++done : ++other;
        } catch (const std::exception&) {
          if (!stop) ++other;
        }
      }
    });
  }
  const int wanted = sanitizer().empty() ? 400 : 60;
  for (int reset = 0; reset < 3; ++reset) {
    const int before = done;
    EXPECT_TRUE(eventually([&] { return done >= before + wanted; }, 120s));
    EXPECT_EQ(server.run({"reset", "-c", server.fill("{dir}/.rr.yaml")}).status, 0);
  }
  stop = true;
  for (std::thread& each : clients) each.join();
  EXPECT_EQ(other, 0) << "a reset costs no request";
  const std::string steps = std::to_string(done * 20);
  EXPECT_EQ(server.get(op("sums")).body, steps + " " + steps);

  // Once more, with a stop in the middle: whoever is in is done by then, or never was.
  stop = false;
  clients.clear();
  for (int t = 0; t < 8; ++t) {
    clients.emplace_back([&] {
      while (!stop) {
        try {
          server.get(op("hammer"));
          ++done;
        } catch (const std::exception&) {
        }
      }
    });
  }
  const int before = done;
  EXPECT_TRUE(eventually([&] { return done >= before + wanted / 4; }, 120s));
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait_exit(patience(60s)), 0);
  stop = true;
  for (std::thread& each : clients) each.join();
}

class NativeWait : public testing::Test {
 protected:
  static bool waits(const Server& server) {
    return eventually([&] { return server.get(op("get&key=waits")).body == "yes"; });
  }
};

TEST_F(NativeWait, EndsWithTheTimeOfTheRequest) {
  Server server(options(2, ", supervisor: {exec_ttl: 1s}"));
  EXPECT_EQ(server.get(op("hold")).body, "keeper");
  EXPECT_EQ(server.get(op("wait")).status, 500);
  EXPECT_EQ(server.get(op("free")).body, "freed");
  EXPECT_EQ(server.get(op("wait")).body, "had");
}

TEST_F(NativeWait, EndsWhenTheClientHasGone) {
  Server server(options(2));
  EXPECT_EQ(server.get(op("hold")).body, "keeper");
  {
    Client client = server.connect();
    client.send("GET /?op=wait HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(waits(server));
    client.reset();
  }
  EXPECT_TRUE(eventually([&] { return server.get(op("get&key=ended")).body != "none"; }));
  EXPECT_THAT(server.get(op("get&key=ended")).body, HasSubstr("nobody waits"));
  EXPECT_EQ(server.get(op("free")).body, "freed");
}

TEST_F(NativeWait, HasTheTimeThatAStopGivesRequests) {
  Server server(options(2, "", "endure: {grace_period: 60s}\n"));
  EXPECT_EQ(server.get(op("hold&ttl=2")).body, "keeper");
  Client waiting = server.connect();
  waiting.send("GET /?op=wait HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(waits(server));
  server.signal(SIGTERM);
  EXPECT_EQ(waiting.read().body, "had");
  EXPECT_EQ(server.wait_exit(patience(30s)), 0);
}

TEST_F(NativeWait, EndsWithTheTimeThatAStopGivesRequests) {
  Server server(options(2, "", "endure: {grace_period: 1s}\n"));
  EXPECT_EQ(server.get(op("hold")).body, "keeper");
  Client waiting = server.connect();
  waiting.send("GET /?op=wait HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(waits(server));
  server.signal(SIGTERM);
  // The thread has left PHP: none had to be abandoned, which would be the exit code 1.
  EXPECT_EQ(server.wait_exit(patience(20s)), 0);
}

}  // namespace
}  // namespace rr::e2e
