// The driver for memcached against real ones.
#include <atomic>
#include <thread>

#include "runtime/plugins/kv/drivers/memcached/memcached_storage.h"
#include "tests/cpp/unit/plugins/kv/contract.h"
#include "tests/cpp/unit/plugins/kv/servers.h"

namespace rr::keyvalue::memcached {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

MemcachedConfig config_of(std::vector<std::string> addresses) {
  MemcachedConfig config;
  config.addr = std::move(addresses);
  return config;
}

// One exchange of the text protocol, by somebody else.
std::string ask(std::uint16_t port, const std::string& request, std::string_view end) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  EXPECT_EQ(::send(fd, request.data(), request.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(request.size()));
  std::string answer;
  char part[4096];
  while (answer.find(end) == answer.npos) {
    const ssize_t got = ::recv(fd, part, sizeof part, 0);
    if (got <= 0) break;
    answer.append(part, static_cast<std::size_t>(got));
  }
  ::close(fd);
  return answer;
}

class KvMemcached : public testing::Test {
 protected:
  void SetUp() override {
    if (!is_installed("memcached")) GTEST_SKIP() << "memcached is not installed";
    const std::uint16_t port = free_port();
    server_.emplace(memcached_words(port), port);
    storage_.emplace(config_of({server_->address()}));
  }
  std::optional<Program> server_;
  std::optional<MemcachedStorage> storage_;
};

// spec:04#23
TEST_F(KvMemcached, KeepsTheContract) {
  // An unknown key given another end is an error here, as is one at all.
  expect_contract(*storage_);
}

// spec:04#23
TEST_F(KvMemcached, KnowsNoTtlButKeepsIt) {
  set(*storage_,
      {{"a", "1", ""}, {"b", "2", in(1100ms)}, {"c", "3", in(500s)}, {"d", "4", in(-5s)}});
  for (const Keys& keys : {Keys{"a"}, Keys{}, Keys{""}})
    EXPECT_EQ(ttl(*storage_, keys)["error"],
              "memcached_plugin_ttl: not valid request for memcached, see "
              "https://github.com/memcached/memcached/issues/239");
  EXPECT_EQ(expire(*storage_, {{"a", "", in(1100ms)}}), "");
  for (int i = 0; i < 500 && has(*storage_, {"a", "b"}).size() > 0; ++i)
    std::this_thread::sleep_for(20ms);
  EXPECT_EQ(get(*storage_, {"a", "b", "c", "d"}), (Values{{"c", "3"}}));
  EXPECT_EQ(expire(*storage_, {{"b", "", in(5s)}}),
            "memcached_plugin_mexpire: memcache: cache miss");
}

// spec:04#26
TEST_F(KvMemcached, RefusesKeysThatMemcachedCannotHave) {
  const std::string malformed = "malformed: key is too long or contains invalid characters";
  const std::string endless(251, 'x');
  EXPECT_EQ(set(*storage_, {{"", "v", ""}}), malformed);
  EXPECT_EQ(set(*storage_, {{"a b", "v", ""}}), malformed);
  EXPECT_EQ(set(*storage_, {{endless, "v", ""}}), malformed);
  EXPECT_EQ(has(*storage_, {" a"})["error"], "memcached_plugin_has: " + malformed);
  EXPECT_EQ(get(*storage_, {endless})["error"], "memcached_plugin_mget: " + malformed);
  EXPECT_EQ(remove(*storage_, {"a\tb"}), "memcached_plugin_delete: " + malformed);
  EXPECT_EQ(remove(*storage_, {"a\r\nflush_all"}), "memcached_plugin_delete: " + malformed);
  EXPECT_EQ(set(*storage_, {{endless.substr(1), "v", ""}}), "");
  EXPECT_EQ(has(*storage_, {""})["error"], "key can't be empty string:\n\tmemcached_plugin_has");
}

// spec:04#70
TEST_F(KvMemcached, StoresValuesAsTheyAre) {
  set(*storage_, {{"sb1", "v\0\1"s, ""}});
  EXPECT_EQ(ask(server_->port(), "get sb1\r\n", "END\r\n"), "VALUE sb1 0 3\r\nv\0\1\r\nEND\r\n"s);
  ask(server_->port(), "set sb2 7 0 5\r\nhello\r\n", "STORED\r\n");
  EXPECT_EQ(get(*storage_, {"sb2"}), (Values{{"sb2", "hello"}}));
}

TEST_F(KvMemcached, AValueThatIsTooLargeIsAnError) {
  const std::string large(3U << 20, 'x');
  EXPECT_NE(set(*storage_, {{"large", large, ""}}), "");
  EXPECT_EQ(set(*storage_, {{"small", "1", ""}}), "");
  EXPECT_EQ(get(*storage_, {"small"}), (Values{{"small", "1"}}));
}

TEST_F(KvMemcached, ARestartIsNoErrorAndAnAbsenceIsOne) {
  EXPECT_EQ(set(*storage_, {{"a", "1", ""}}), "");
  server_->stop();
  EXPECT_NE(set(*storage_, {{"a", "2", ""}}), "");
  EXPECT_TRUE(get(*storage_, {"a"}).contains("error"));
  server_->start();
  EXPECT_EQ(set(*storage_, {{"a", "3", ""}}), "");
  EXPECT_EQ(get(*storage_, {"a"}), (Values{{"a", "3"}}));
}

TEST_F(KvMemcached, ThreadsDoNotMixTheirAnswers) {
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      const std::string key = "k" + std::to_string(t);
      for (int i = 0; i < 300; ++i) {
        const std::string value = key + ":" + std::to_string(i);
        if (!set(*storage_, {{key, value, ""}}).empty()) ++wrong;
        if (get(*storage_, {key}) != Values{{key, value}}) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(KvMemcachedServers, HaveEachTheirKeys) {
  if (!is_installed("memcached")) GTEST_SKIP() << "memcached is not installed";
  const std::uint16_t one = free_port();
  Program first(memcached_words(one), one);
  const std::uint16_t two = free_port();
  Program second(memcached_words(two), two);
  MemcachedStorage storage(config_of({first.address(), second.address()}));
  // CRC32 (IEEE) of the key: "a" is 0xe8b7be43, "b" 0x71beeff9, "c" 0x06b9df6f, "d" 0x98dd4acc.
  EXPECT_EQ(server_of("a", 2), 1u);
  EXPECT_EQ(server_of("d", 2), 0u);
  EXPECT_EQ(set(storage, {{"a", "1", ""}, {"b", "2", ""}, {"c", "3", ""}, {"d", "4", ""}}), "");
  EXPECT_EQ(ask(one, "get a b c d\r\n", "END\r\n"), "VALUE d 0 1\r\n4\r\nEND\r\n");
  EXPECT_EQ(get(storage, {"a", "b", "c", "d"}).size(), 4u);
  EXPECT_TRUE(storage.clear());
  EXPECT_EQ(ask(one, "get d\r\n", "END\r\n"), "END\r\n");
  EXPECT_EQ(ask(two, "get a b c\r\n", "END\r\n"), "END\r\n");
}

TEST(KvMemcachedUnreachable, IsAnErrorOfEachCall) {
  MemcachedStorage storage(config_of({"127.0.0.1:1"}));
  EXPECT_NE(set(storage, {{"a", "1", ""}}).find("memcached 127.0.0.1:1"), std::string::npos);
  EXPECT_TRUE(get(storage, {"a"}).contains("error"));
  EXPECT_FALSE(storage.clear());
}

}  // namespace
}  // namespace rr::keyvalue::memcached
