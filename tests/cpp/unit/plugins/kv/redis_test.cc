// The driver for redis against real ones: a server, passwords, TLS, sentinels, a cluster; and what
// becomes of calls while a server restarts.
#include <atomic>
#include <fstream>
#include <thread>

#include "runtime/plugins/kv/drivers/redis/redis_storage.h"
#include "tests/cpp/unit/plugins/kv/contract.h"
#include "tests/cpp/unit/plugins/kv/servers.h"

namespace rr::keyvalue::redis {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using rr::redis::Client;
using rr::redis::Settings;

#define NEEDS_REDIS() \
  if (!is_installed("redis-server")) GTEST_SKIP() << "redis-server is not installed"

Settings settings_of(const Program& server) {
  Settings settings;
  settings.addrs = {server.address()};
  return settings;
}

std::unique_ptr<RedisStorage> storage_of(Settings settings) {
  settings.settle();
  auto client = Client::make(settings, Logger{});
  EXPECT_TRUE(client) << client.error().text();
  return client ? std::make_unique<RedisStorage>(std::move(*client)) : nullptr;
}

// Another client of the same server.
std::string ask(const Program& server, rr::redis::Command command, Settings settings = {}) {
  settings.addrs = {server.address()};
  settings.settle();
  auto client = Client::make(settings, Logger{});
  auto replies = (*client)->run({{std::move(command), {}}});
  if (!replies) return "!" + replies.error().text();
  const rr::redis::Reply& reply = replies->front();
  return reply.is(rr::redis::Reply::Kind::integer) ? std::to_string(reply.integer) : reply.text;
}

std::string run(const std::string& command) {
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  std::string out;
  char part[4096];
  while (std::fgets(part, sizeof part, pipe) != nullptr) out += part;
  ::pclose(pipe);
  return out;
}

class KvRedis : public testing::Test {
 protected:
  void SetUp() override {
    NEEDS_REDIS();
    const std::uint16_t port = free_port();
    server_.emplace(redis_words(port), port);
    storage_ = storage_of(settings_of(*server_));
  }
  std::optional<Program> server_;
  std::unique_ptr<RedisStorage> storage_;
};

TEST_F(KvRedis, KeepsTheContract) {
  expect_contract(*storage_);
}

// spec:04#17 spec:04#18
TEST_F(KvRedis, EndsKeysAndTellsWhen) {
  const std::string later = in(500s);
  set(*storage_, {{"perm", "1", ""},
                  {"eph", "2", later},
                  {"short", "3", in(150ms)},
                  {"plain", "4", ""},
                  {"over", "5", in(-5s)}});
  const Values ends = ttl(*storage_, {"perm", "eph", "zz"});
  ASSERT_EQ(ends.size(), 1u);
  const auto seen = parse_timeout(ends.at("eph"));
  EXPECT_LE(std::abs(seen->at - parse_timeout(later)->at), 1'000'000);
  EXPECT_EQ(
      expire(*storage_, {{"plain", "", in(150ms)}, {"none", "", in(5s)}, {"perm", "", later}}), "");
  EXPECT_EQ(expire(*storage_, {{"over", "", in(-5s)}}), "");
  for (int i = 0; i < 500 && has(*storage_, {"short", "plain"}).size() > 0; ++i)
    std::this_thread::sleep_for(10ms);
  EXPECT_EQ(get(*storage_, {"perm", "eph", "short", "plain", "over", "none"}),
            (Values{{"perm", "1"}, {"eph", "2"}}));
  set(*storage_, {{"eph", "3", ""}});
  EXPECT_EQ(ttl(*storage_, {"eph"}), Values{});
}

// spec:04#70
TEST_F(KvRedis, StoresValuesAsTheyAre) {
  set(*storage_, {{"k:1", "v\0\1"s, ""}, {"t", "x", in(500s)}});
  EXPECT_EQ(ask(*server_, {"GET", "k:1"}), "v\0\1"s);
  EXPECT_EQ(ask(*server_, {"TTL", "k:1"}), "-1");
  ask(*server_, {"SET", "other", "hello"});
  ask(*server_, {"RPUSH", "list", "x"});
  EXPECT_EQ(get(*storage_, {"other"}), (Values{{"other", "hello"}}));
  EXPECT_EQ(get(*storage_, {"list"})["error"],
            "redis_driver_mget: WRONGTYPE Operation against a key holding the wrong kind of value");
  EXPECT_EQ(has(*storage_, {"list"}).size(), 1u);
}

TEST_F(KvRedis, UsesTheDatabaseOfTheConfiguration) {
  Settings other = settings_of(*server_);
  other.db = 7;
  auto seventh = storage_of(other);
  set(*seventh, {{"a", "seven", ""}});
  EXPECT_EQ(get(*storage_, {"a"}), Values{});
  set(*storage_, {{"a", "zero", ""}});
  EXPECT_TRUE(seventh->clear());
  EXPECT_EQ(get(*storage_, {"a"}), (Values{{"a", "zero"}}));
  other.db = 99;
  EXPECT_NE(get(*storage_of(other), {"a"})["error"].find("DB index is out of range"),
            std::string::npos);
}

TEST_F(KvRedis, ManyKeysInOneCall) {
  std::vector<std::string> names;
  for (int i = 0; i < 3000; ++i) names.push_back("k" + std::to_string(i));
  std::vector<KvItem> items;
  for (const std::string& name : names) items.push_back({name, name, ""});
  EXPECT_EQ(set(*storage_, items), "");
  const Keys keys(names.begin(), names.end());
  const Values all = get(*storage_, keys);
  EXPECT_EQ(all.size(), 3000u);
  EXPECT_EQ(all.at("k2999"), "k2999");
}

TEST_F(KvRedis, ARestartInTheMiddleLosesNoCallSilently) {
  Settings patient = settings_of(*server_);
  patient.max_retries = 60;
  auto storage = storage_of(patient);
  std::atomic<bool> stop = false;
  std::atomic<int> good = 0, failed = 0, wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; !stop; ++i) {
        const std::string key = std::to_string(t), value = std::to_string(i);
        if (!set(*storage, {{key, value, ""}}).empty()) {
          ++failed;
          continue;
        }
        const Values seen = get(*storage, {key});
        if (seen.contains("error")) {
          ++failed;
        } else if (seen == Values{{key, value}}) {
          ++good;
        } else {
          ++wrong;
        }
      }
    });
  }
  for (int restart = 0; restart < 3; ++restart) {
    for (const int before = good; good < before + 200;) std::this_thread::sleep_for(1ms);
    server_->stop(restart == 1 ? SIGKILL : SIGTERM);
    std::this_thread::sleep_for(100ms);  // so that some calls meet nobody
    server_->start();
  }
  for (const int before = good; good < before + 200;) std::this_thread::sleep_for(1ms);
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, 0) << "tried again until the server was back";
  EXPECT_EQ(wrong, 0);
}

TEST_F(KvRedis, ConnectionsThatTheServerClosedAreNotUsed) {
  set(*storage_, {{"a", "1", ""}});
  Settings impatient = settings_of(*server_);
  impatient.max_retries = -1;
  auto storage = storage_of(impatient);
  EXPECT_EQ(get(*storage, {"a"}).size(), 1u);
  server_->stop();
  server_->start();
  EXPECT_EQ(get(*storage, {"a"}), (Values{{"a", "1"}}));
  EXPECT_EQ(storage->stats().stale, 1u);
}

// spec:04#14
TEST(KvRedisUnreachable, IsAnErrorOfEachCall) {
  Settings settings;
  settings.addrs = {"127.0.0.1:1"};
  settings.max_retries = -1;
  auto storage = storage_of(settings);
  const std::string refused = "dial tcp 127.0.0.1:1: connect: connection refused";
  EXPECT_EQ(has(*storage, {"a"})["error"], refused);
  EXPECT_EQ(get(*storage, {"a"})["error"], "redis_driver_mget: " + refused);
  EXPECT_EQ(set(*storage, {{"a", "1", ""}}), refused);
  EXPECT_EQ(ttl(*storage, {"a"})["error"], refused);
  EXPECT_EQ(remove(*storage, {"a"}), refused);
  EXPECT_EQ(text(storage->clear()), refused);
  EXPECT_EQ(has(*storage, {""})["error"], "key can't be empty string:\n\tredis_driver_has");
}

TEST(KvRedisUnreachable, ASilentServerIsATimeout) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&any), sizeof any), 0);
  ASSERT_EQ(::listen(listener, 5), 0);
  socklen_t size = sizeof any;
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&any), &size);
  Settings settings;
  settings.addrs = {"127.0.0.1:" + std::to_string(ntohs(any.sin_port))};
  settings.max_retries = -1;
  settings.read_timeout = 50ms;
  EXPECT_EQ(has(*storage_of(settings), {"a"})["error"],
            "read tcp " + settings.addrs[0] + ": i/o timeout");
  // What may not be done twice is asked for once: nobody knows whether it was done.
  settings.max_retries = 3;
  EXPECT_EQ(increment(*storage_of(settings), "n", 1),
            "redis_driver_increment: read tcp " + settings.addrs[0] + ": i/o timeout");
  ::fcntl(listener, F_SETFL, O_NONBLOCK);
  int connections = 0;
  for (int fd = -1; (fd = ::accept(listener, nullptr, nullptr)) >= 0; ++connections) ::close(fd);
  EXPECT_EQ(connections, 2);
  ::close(listener);
}

TEST(KvRedisAcl, LogsInWithUserAndPassword) {
  NEEDS_REDIS();
  const std::uint16_t port = free_port();
  Program server(
      redis_words(port, {"--user", "rr", "on", ">secret", "~*", "+@all", "--requirepass", "old"}),
      port);
  Settings settings = settings_of(server);
  settings.max_retries = -1;
  EXPECT_NE(get(*storage_of(settings), {"a"})["error"].find("NOAUTH"), std::string::npos);
  settings.password = "old";
  EXPECT_EQ(set(*storage_of(settings), {{"a", "1", ""}}), "");
  settings.username = "rr";
  settings.password = "wrong";
  EXPECT_NE(get(*storage_of(settings), {"a"})["error"].find("WRONGPASS"), std::string::npos);
  settings.password = "secret";
  EXPECT_EQ(get(*storage_of(settings), {"a"}), (Values{{"a", "1"}}));
}

TEST(KvRedisPool, HasALimitAndSaysSo) {
  NEEDS_REDIS();
  const std::uint16_t port = free_port();
  Program server(redis_words(port), port);
  Settings settings = settings_of(server);
  settings.pool_size = 2;
  settings.pool_timeout = 20s;
  auto storage = storage_of(settings);
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) EXPECT_EQ(set(*storage, {{"a", "1", ""}}), "");
    });
  }
  for (std::thread& thread : threads) thread.join();
  const rr::redis::PoolStats stats = storage->stats();
  EXPECT_LE(stats.total, 2u);
  EXPECT_EQ(stats.total, stats.idle);
  EXPECT_EQ(stats.misses, stats.total);
  EXPECT_EQ(stats.hits + stats.misses, 800u);
  EXPECT_EQ(stats.timeouts, 0u);
}

// spec:04#22
TEST_F(KvRedis, ShowsItsPoolToMetrics) {
  class Sink final : public MetricsSink {
   public:
    void put(std::size_t family, double value, Labels) override { seen[family] = value; }
    std::map<std::size_t, double> seen;
  } sink;
  set(*storage_, {{"a", "1", ""}});
  get(*storage_, {"a"});
  const MetricsSource* source = storage_->metrics();
  source->collect(sink);
  EXPECT_EQ(source->families().size(), 6u);
  EXPECT_EQ(sink.seen,
            (std::map<std::size_t, double>{{0, 1}, {1, 1}, {2, 0}, {3, 0}, {4, 1}, {5, 1}}));
}

TEST(KvRedisPool, KeepsConnectionsReadyAndClosesOldOnes) {
  NEEDS_REDIS();
  const std::uint16_t port = free_port();
  Program server(redis_words(port), port);
  Settings settings = settings_of(server);
  settings.min_idle_conns = 3;
  auto ready = storage_of(settings);
  ready->tidy();
  EXPECT_EQ(ready->stats().idle, 3u);
  settings.min_idle_conns = 0;
  settings.idle_timeout = 1ms;
  auto short_lived = storage_of(settings);
  set(*short_lived, {{"a", "1", ""}});
  std::this_thread::sleep_for(5ms);
  short_lived->tidy();
  EXPECT_EQ(short_lived->stats().total, 0u);
}

// spec:04#22
TEST(KvRedisTls, ChecksTheServerAndShowsACertificate) {
  NEEDS_REDIS();
  std::string name = testing::TempDir() + "/rr-tls-XXXXXX";
  const std::string dir = ::mkdtemp(name.data());
  const auto openssl = [&](const std::string& arguments) {
    return run("cd " + dir + " && openssl " + arguments);
  };
  std::ofstream(dir + "/san") << "subjectAltName=IP:127.0.0.1,DNS:localhost\n";
  openssl("req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=ca");
  openssl("req -newkey rsa:2048 -nodes -keyout s.key -out s.csr -subj /CN=server");
  openssl(
      "x509 -req -in s.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san -out "
      "s.pem");
  openssl("req -newkey rsa:2048 -nodes -keyout c.key -out c.csr -subj /CN=client");
  openssl("x509 -req -in c.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out c.pem");
  const std::uint16_t plain = free_port(), port = free_port();
  Program server(
      {"redis-server", "--port", std::to_string(plain), "--tls-port", std::to_string(port),
       "--bind", "127.0.0.1", "--dir", "{dir}", "--save", "", "--tls-cert-file", dir + "/s.pem",
       "--tls-key-file", dir + "/s.key", "--tls-ca-cert-file", dir + "/ca.pem"},
      port);
  Settings settings;
  settings.addrs = {"127.0.0.1:" + std::to_string(port)};
  settings.max_retries = -1;
  settings.tls.emplace();
  EXPECT_NE(get(*storage_of(settings), {"a"})["error"].find("certificate"), std::string::npos)
      << "who it is is not known";
  settings.tls = rr::redis::TlsSettings{dir + "/c.pem", dir + "/c.key", dir + "/ca.pem"};
  expect_contract(*storage_of(settings));
  settings.addrs = {"localhost:" + std::to_string(port)};
  EXPECT_EQ(set(*storage_of(settings), {{"a", "1", ""}}), "");
  settings.tls = rr::redis::TlsSettings{"", "", dir + "/ca.pem"};
  EXPECT_NE(get(*storage_of(settings), {"a"})["error"], "") << "no certificate";
  settings.tls = rr::redis::TlsSettings{"", "", dir + "/none.pem"};
  settings.settle();
  EXPECT_FALSE(Client::make(settings, Logger{}));
  std::filesystem::remove_all(dir);
}

TEST(KvRedisSentinel, FollowsTheMaster) {
  NEEDS_REDIS();
  const std::uint16_t first_port = free_port();
  Program first(redis_words(first_port), first_port);
  const std::uint16_t second_port = free_port();
  Program second(
      redis_words(second_port, {"--replicaof", "127.0.0.1 " + std::to_string(first_port)}),
      second_port);
  const std::uint16_t port = free_port();
  std::string name = testing::TempDir() + "/rr-sentinel-XXXXXX";
  const std::string dir = ::mkdtemp(name.data());
  std::ofstream(dir + "/sentinel.conf")
      << "port " << port << "\nsentinel monitor mine 127.0.0.1 " << first_port << " 1\n"
      << "sentinel down-after-milliseconds mine 500\nsentinel failover-timeout mine 3000\n";
  Program sentinel({"redis-server", dir + "/sentinel.conf", "--sentinel"}, port);
  Settings settings = settings_of(sentinel);
  settings.master_name = "mine";
  settings.max_retries = 100;
  auto storage = storage_of(settings);
  EXPECT_EQ(set(*storage, {{"a", "1", ""}}), "");
  for (int i = 0; i < 1000 && ask(second, {"GET", "a"}) != "1"; ++i)
    std::this_thread::sleep_for(10ms);
  // Until the sentinel knows the replica it has nobody to choose.
  for (int i = 0;
       i < 3000 &&
       run("redis-cli -p " + std::to_string(port) + " sentinel replicas mine").find("name") ==
           std::string::npos;
       ++i)
    std::this_thread::sleep_for(10ms);
  first.stop(SIGKILL);
  EXPECT_EQ(set(*storage, {{"b", "2", ""}}), "");
  EXPECT_EQ(get(*storage, {"a", "b"}), (Values{{"a", "1"}, {"b", "2"}}));
  EXPECT_EQ(ask(second, {"GET", "b"}), "2");
  settings.master_name = "nobody";
  settings.max_retries = -1;
  EXPECT_NE(get(*storage_of(settings), {"a"})["error"].find("knows no master \"nobody\""),
            std::string::npos);
  std::filesystem::remove_all(dir);
}

TEST(KvRedisCluster, FindsTheNodeOfEachKey) {
  NEEDS_REDIS();
  std::vector<std::unique_ptr<Program>> nodes;
  std::string addresses;
  Settings settings;
  settings.addrs.clear();
  for (int i = 0; i < 3; ++i) {
    // The bus of a node has a port of its own, free as well.
    const std::uint16_t port = free_port();
    nodes.push_back(std::make_unique<Program>(
        redis_words(port,
                    {"--cluster-enabled", "yes", "--cluster-port", std::to_string(free_port())}),
        port));
    addresses += " " + nodes.back()->address();
    settings.addrs.push_back(nodes.back()->address());
  }
  const std::string made = run("redis-cli --cluster create" + addresses + " --cluster-yes");
  ASSERT_NE(made.find("All 16384 slots covered"), std::string::npos) << made;
  settings.max_retries = 50;
  auto storage = storage_of(settings);
  expect_contract(*storage);

  std::vector<std::string> names;
  for (int i = 0; i < 300; ++i) names.push_back("k" + std::to_string(i));
  std::vector<KvItem> items;
  for (const std::string& key : names) items.push_back({key, key, ""});
  EXPECT_EQ(set(*storage, items), "");
  const Keys keys(names.begin(), names.end());
  EXPECT_EQ(get(*storage, keys).size(), 300u);
  for (const auto& node : nodes) EXPECT_GT(std::stoi(ask(*node, {"DBSIZE"})), 50);

  // A slot moves while the client believes it where it was.
  const std::string cli = "redis-cli -p " + std::to_string(nodes[0]->port());
  const std::string moved =
      run(cli + " --cluster reshard " + nodes[0]->address() + " --cluster-from " +
          run(cli + " cluster myid").substr(0, 40) + " --cluster-to " +
          run("redis-cli -p " + std::to_string(nodes[1]->port()) + " cluster myid").substr(0, 40) +
          " --cluster-slots 2000 --cluster-yes");
  EXPECT_EQ(get(*storage, keys).size(), 300u) << moved.substr(moved.size() / 2);
  EXPECT_EQ(remove(*storage, keys), "");
  EXPECT_EQ(has(*storage, keys), Values{});
}

TEST(RedisSlots, AreThoseOfRedis) {
  EXPECT_EQ(rr::redis::slot_of("123456789"), 0x31C3u % 16384);
  EXPECT_EQ(rr::redis::slot_of("foo"), 12182u);
  EXPECT_EQ(rr::redis::slot_of("{foo}bar"), 12182u);
  EXPECT_EQ(rr::redis::slot_of("a{foo}b{bar}"), 12182u);
  EXPECT_EQ(rr::redis::slot_of(""), 0u);
  EXPECT_NE(rr::redis::slot_of("{}foo"), rr::redis::slot_of("foo"));
}

}  // namespace
}  // namespace rr::keyvalue::redis
