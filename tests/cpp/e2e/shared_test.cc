// What workers share (locks, keys and values), as the unmodified packages use it, and over the life
// of a server.
#include <csignal>
#include <iostream>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rr/protobuf.h"
#include "server.h"
#include "styles.h"
#include "tests/cpp/unit/plugins/kv/servers.h"
#include "tests/cpp/unit/plugins/rpc/client.h"

namespace rr::e2e {
namespace {

namespace flag = goridge::flag;
using keyvalue::Program;

ServerOptions options(const std::string& more) {
  return serve(plain_styles().front(),
               {.more = "rpc: {listen: 'tcp://127.0.0.1:{port2}'}\n" + more});
}

std::string lock_request(std::string_view resource, std::string_view id, std::uint64_t ttl,
                         std::uint64_t wait) {
  std::string message;
  proto::append_bytes(message, 1, resource);
  proto::append_bytes(message, 2, id);
  proto::append_number(message, 3, ttl);
  proto::append_number(message, 4, wait);
  return message;
}

TEST(Shared, ServesTheUnmodifiedPackages) {
  const std::string autoload = official_autoloader();
  if (autoload.empty()) GTEST_SKIP() << "the official packages are not there";
  std::string storages = "memory boltdb";
  std::string config =
      "kv:\n  memory: {driver: memory, config: {}}\n"
      "  boltdb: {driver: boltdb, config: {file: '{dir}/rr.db'}}\n";
  std::vector<std::unique_ptr<Program>> others;
  const auto add = [&](const std::string& driver, const std::string& key,
                       std::vector<std::string> words, std::uint16_t port) {
    if (!keyvalue::is_installed(words[0].c_str())) {
      std::cerr << "e2e: " << words[0] << " is not installed, its driver is left out\n";
      return;
    }
    others.push_back(std::make_unique<Program>(std::move(words), port));
    config += "  " + driver + ": {driver: " + driver + ", config: {" + key + ": ['" +
              others.back()->address() + "']}}\n";
    storages += " " + driver;
  };
  const std::uint16_t redis = free_port(), memcached = free_port();
  add("redis", "addrs", keyvalue::redis_words(redis), redis);
  add("memcached", "addr", keyvalue::memcached_words(memcached), memcached);
  for (const std::string& lock :
       {std::string(),
        "lock: {driver: redis, config: {addrs: ['127.0.0.1:" + std::to_string(redis) + "']}}\n"}) {
    if (!lock.empty() && storages.find("redis") == std::string::npos) continue;
    Server server(options(config + lock));
    const Server::Ran ran = server.shell("php " + (apps_folder() / "official/shared.php").string() +
                                         " " + autoload + " tcp://127.0.0.1:{port2} " + storages);
    EXPECT_EQ(ran.output, "ok\n");
    EXPECT_EQ(ran.status, 0);
  }
}

// spec:04#16
TEST(Shared, NothingThatWasAnsweredIsLostToAKillOfTheServer) {
  const std::string name = "rr-e2e-kill-" + std::to_string(::getpid()) + ".db";
  const std::string config = "kv: {b: {driver: boltdb, config: {file: '{dir}/../" + name + "'}}}\n";
  const auto set = [](std::string_view key) {
    std::string item;
    proto::append_bytes(item, 1, key);
    proto::append_bytes(item, 2, key);
    std::string message;
    proto::append_bytes(message, 1, "b");
    proto::append_bytes(message, 2, item);
    return message;
  };
  int answered = 0;
  std::filesystem::path file;
  {
    Server server(options(config));
    file = server.folder().parent_path() / name;
    rpc::Client client(server.fill("127.0.0.1:{port2}"));
    for (std::uint32_t i = 0; i < 300; ++i)
      client.send(i, "kv.Set", set("k" + std::to_string(i)), flag::codec_proto);
    for (; answered < 100; ++answered) ASSERT_THAT(client.receive(), testing::HasSubstr("kv.Set"));
    server.signal(SIGKILL);
    server.wait_exit();
    while (client.receive().find("kv.Set") != std::string::npos) ++answered;
  }
  Server server(options(config));
  rpc::Client client(server.fill("127.0.0.1:{port2}"));
  std::string clear;
  proto::append_bytes(clear, 1, "b");
  int found = 0;
  for (std::uint32_t i = 0; i < 300; ++i) {
    client.send(i, "kv.MGet", set("k" + std::to_string(i)), flag::codec_proto);
    const std::string key = "k" + std::to_string(i);
    found += client.receive().ends_with(key);
  }
  EXPECT_GE(found, answered);
  client.send(1, "kv.Clear", clear, flag::codec_proto);
  EXPECT_EQ(client.receive(), "1 kv.Clear ");
  server.stop();
  std::filesystem::remove(file);
  std::filesystem::remove(file.string() + "-lock");
}

// spec:04#5
TEST(Shared, AWaitForALockHoldsUpNobody) {
  Server server(options(""));
  rpc::Client client(server.fill("127.0.0.1:{port2}"));
  client.send(1, "lock.Lock", lock_request("foo", "a", 0, 0), flag::codec_proto);
  EXPECT_EQ(client.receive(), "1 lock.Lock \x08\x01");
  client.send(2, "lock.Lock", lock_request("foo", "b", 0, 600'000'000), flag::codec_proto);
  EXPECT_EQ(client.call(3, "informer.List", "true"), "3 informer.List [\"http\"]");
  client.send(4, "lock.Release", lock_request("foo", "a", 0, 0), flag::codec_proto);
  EXPECT_EQ(client.receive(), "4 lock.Release \x08\x01");
  EXPECT_EQ(client.receive(), "2 lock.Lock \x08\x01");
}

TEST(Shared, AStopEndsWaitsForLocksAtOnce) {
  Server server(options("endure: {grace_period: 60s}\n"));
  rpc::Client client(server.fill("127.0.0.1:{port2}"));
  client.send(1, "lock.Lock", lock_request("foo", "a", 0, 0), flag::codec_proto);
  EXPECT_EQ(client.receive(), "1 lock.Lock \x08\x01");
  client.send(2, "lock.Lock", lock_request("foo", "b", 0, 600'000'000), flag::codec_proto);
  // It waits by the time that a later call is answered, or comes when nobody may wait any more.
  EXPECT_EQ(client.call(3, "informer.List", "true"), "3 informer.List [\"http\"]");
  const auto began = std::chrono::steady_clock::now();
  server.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, patience(20s));
  EXPECT_EQ(client.receive(), "2 lock.Lock ");
}

}  // namespace
}  // namespace rr::e2e
