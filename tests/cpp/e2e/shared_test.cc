// What workers share (locks, keys and values), as the unmodified packages use it, and over the life
// of a server.
#include <gtest/gtest.h>

#include "rr/protobuf.h"
#include "server.h"
#include "styles.h"
#include "tests/cpp/unit/plugins/rpc/client.h"

namespace rr::e2e {
namespace {

namespace flag = goridge::flag;

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
  Server server(options("kv: {memory: {driver: memory, config: {}}}\n"));
  const Server::Ran ran = server.shell("php " + (apps_folder() / "official/shared.php").string() +
                                       " " + autoload + " tcp://127.0.0.1:{port2} memory");
  EXPECT_EQ(ran.output, "ok\n");
  EXPECT_EQ(ran.status, 0);
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
