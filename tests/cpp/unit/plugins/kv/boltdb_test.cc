// The durable driver: what survives, what writers share, what a full disk and a foreign file do.
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "runtime/plugins/kv/drivers/boltdb/boltdb_storage.h"
#include "runtime/plugins/kv/drivers/boltdb/record.h"
#include "tests/cpp/unit/plugins/kv/contract.h"

namespace rr::keyvalue::boltdb {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using namespace std::string_literals;

class KvBoltdb : public testing::Test {
 protected:
  KvBoltdb() {
    std::string name = testing::TempDir() + "/kv-boltdb-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    config_.file = folder_ / "b.db";
    config_.max_size.count = 64;
  }
  ~KvBoltdb() override { fs::remove_all(folder_); }

  std::unique_ptr<BoltdbStorage> opened() {
    auto storage = std::make_unique<BoltdbStorage>(config_);
    const auto done = storage->open();
    EXPECT_TRUE(done) << done.error().text();
    return storage;
  }
  std::string open_error() {
    BoltdbStorage storage(config_);
    return text(storage.open());
  }
  void write_file(const std::string& bytes) {
    std::ofstream(config_.file, std::ios::binary) << bytes;
  }
  std::string read_file() {
    std::ifstream in(config_.file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  fs::path folder_;
  BoltdbConfig config_;
};

TEST_F(KvBoltdb, KeepsTheContract) {
  expect_contract(*opened());
  config_.sync = false;
  expect_contract(*opened());
}

// spec:04#16
TEST_F(KvBoltdb, SurvivesARestartWithTtls) {
  const std::string later = in(500s);
  {
    auto storage = opened();
    set(*storage, {{"a", "1", ""}, {"t", "2", later}, {"soon", "3", in(1ms)}});
    expire(*storage, {{"a", "", later}});
  }
  auto storage = opened();
  EXPECT_EQ(get(*storage, {"a", "t", "soon"}), (Values{{"a", "1"}, {"t", "2"}, {"soon", "3"}}));
  const std::string seconds = later.substr(0, 19) + "Z";
  EXPECT_EQ(ttl(*storage, {"a", "t"}), (Values{{"a", seconds}, {"t", seconds}}));
  storage->tidy();
  EXPECT_EQ(get(*storage, {"a", "t", "soon"}), (Values{{"a", "1"}, {"t", "2"}}));
}

// spec:04#16
TEST_F(KvBoltdb, MakesTheFileWithItsPermissions) {
  config_.permissions.bits = 0600;
  opened();
  struct stat info {};
  ASSERT_EQ(::stat(config_.file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  config_.file = folder_ / "none" / "b.db";
  EXPECT_NE(open_error().find("No such file"), std::string::npos);
}

// spec:04#17 spec:04#18
TEST_F(KvBoltdb, EndsKeysWhenItTidies) {
  auto storage = opened();
  set(*storage, {{"perm", "1", ""}, {"eph", "2", in(-1ms)}, {"late", "3", in(500s)}});
  EXPECT_EQ(ttl(*storage, {"perm", "eph", "late", "none"}).size(), 2u);
  EXPECT_EQ(has(*storage, {"eph"}).size(), 1u) << "readable until then, as in RoadRunner";
  storage->tidy();
  EXPECT_EQ(has(*storage, {"perm", "eph", "late"}), (Values{{"perm", ""}, {"late", ""}}));
}

// spec:04#71
TEST_F(KvBoltdb, AnEndGoesWithItsValue) {
  auto storage = opened();
  set(*storage, {{"a", "1", in(-1s)}, {"b", "1", in(-1s)}, {"c", "1", in(-1s)}});
  set(*storage, {{"a", "2", ""}});
  remove(*storage, {"b"});
  set(*storage, {{"b", "new", ""}});
  expire(*storage, {{"c", "", in(500s)}});
  EXPECT_EQ(ttl(*storage, {"a", "b"}), Values{});
  storage->tidy();
  EXPECT_EQ(get(*storage, {"a", "b", "c"}), (Values{{"a", "2"}, {"b", "new"}, {"c", "1"}}));
  EXPECT_TRUE(storage->clear());
  set(*storage, {{"c", "3", ""}});
  storage->tidy();
  EXPECT_EQ(get(*storage, {"c"}), (Values{{"c", "3"}}));
}

TEST_F(KvBoltdb, ManyEndsAtOnce) {
  auto storage = opened();
  std::vector<std::string> names;
  for (int i = 0; i < 3500; ++i) names.push_back("k" + std::to_string(i));
  const std::string over = in(-1s);
  std::vector<KvItem> items;
  for (const std::string& name : names) items.push_back({name, "v", over});
  EXPECT_EQ(set(*storage, items), "");
  set(*storage, {{"stays", "v", ""}});
  storage->tidy();
  const Keys keys(names.begin(), names.end());
  EXPECT_EQ(has(*storage, keys), Values{});
  EXPECT_EQ(has(*storage, {"stays"}).size(), 1u);
}

// spec:04#14
TEST_F(KvBoltdb, WordsErrorsAsRoadRunner) {
  auto storage = opened();
  EXPECT_EQ(has(*storage, {""})["error"],
            "key can't be empty string:\n\tboltdb_driver_has:\n\tboltdb_driver_has");
  EXPECT_EQ(get(*storage, {""})["error"], "key can't be empty string:\n\tboltdb_driver_mget");
  EXPECT_EQ(ttl(*storage, {" "})["error"], "key can't be empty string:\n\tboltdb_driver_ttl");
  EXPECT_EQ(remove(*storage, {""}), "key can't be empty string:\n\tboltdb_driver_delete");
  EXPECT_EQ(set(*storage, {{"", "v", ""}}), "boltdb_driver_set: key required");
  EXPECT_EQ(expire(*storage, {{"", "", in(5s)}}),
            "boltdb_driver_mexpire: should set timeout and at least one key");
  EXPECT_EQ(set(*storage, {{" ", "blank", ""}}), "");
  EXPECT_NE(set(*storage, {{"bad", "v", "soon"}}), "");
  EXPECT_EQ(get(*storage, {"bad"}), (Values{{"bad", "v"}})) << "stored without an end";
}

TEST_F(KvBoltdb, TakesKeysOfAnyLength) {
  auto storage = opened();
  const std::string a(30'000, 'x');
  std::string b = a;
  b.back() = 'y';
  const std::string beginning = a.substr(0, 511), shorter = a.substr(0, 510);
  set(*storage, {{a, "a", in(500s)}, {b, "b", ""}, {beginning, "c", ""}, {shorter, "d", ""}});
  EXPECT_EQ(get(*storage, {a})[a], "a");
  EXPECT_EQ(get(*storage, {b})[b], "b");
  EXPECT_EQ(get(*storage, {beginning})[beginning], "c");
  EXPECT_EQ(get(*storage, {shorter})[shorter], "d");
  remove(*storage, {a});
  EXPECT_EQ(has(*storage, {a, b}).size(), 1u);
}

TEST_F(KvBoltdb, WritersShareACommit) {
  auto storage = opened();
  const std::size_t before = storage->commits_for_test();
  constexpr int kThreads = 16, kSets = 40;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kSets; ++i) {
        const std::string key = std::to_string(t) + ":" + std::to_string(i);
        EXPECT_EQ(set(*storage, {{key, key, ""}}), "");
        EXPECT_EQ(get(*storage, {key})[key], key) << "readable once it is answered";
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::size_t commits = storage->commits_for_test() - before;
  EXPECT_LT(commits, kThreads * kSets / 2u);
  EXPECT_GE(commits, std::size_t{kSets});
}

// The child writes and tells what was answered; it is killed in the middle.
TEST_F(KvBoltdb, NothingThatWasAnsweredIsLostToAKill) {
  for (const bool sync : {true, false}) {
    config_.sync = sync;
    config_.file = folder_ / (sync ? "synced.db" : "unsynced.db");
    int told[2];
    ASSERT_EQ(::pipe(told), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      BoltdbStorage storage(config_);
      if (!storage.open()) ::_exit(1);
      std::vector<std::thread> threads;
      for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
          for (std::uint32_t i = 0;; ++i) {
            const std::uint32_t id = i * 4 + static_cast<std::uint32_t>(t);
            const std::string key = "k" + std::to_string(id);
            if (!set(storage, {{key, key, ""}}).empty()) ::_exit(1);
            if (::write(told[1], &id, sizeof id) != sizeof id) ::_exit(1);
          }
        });
      }
      for (std::thread& thread : threads) thread.join();
      ::_exit(0);
    }
    ::close(told[1]);
    std::vector<std::uint32_t> answered;
    std::uint32_t id = 0;
    while (::read(told[0], &id, sizeof id) == sizeof id) {
      answered.push_back(id);
      if (answered.size() == 400) ::kill(child, SIGKILL);
    }
    ::close(told[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << status;
    auto storage = opened();
    ASSERT_GE(answered.size(), 400u);
    for (const std::uint32_t each : answered) {
      const std::string key = "k" + std::to_string(each);
      ASSERT_EQ(get(*storage, {key})[key], key);
    }
    EXPECT_EQ(set(*storage, {{"after", "1", ""}}), "");
  }
}

TEST_F(KvBoltdb, AFullDatabaseIsAnErrorAndStaysReadable) {
  config_.max_size.count = 1;
  auto storage = opened();
  set(*storage, {{"first", "1", ""}});
  const std::string value(50'000, 'x');
  std::string error;
  for (int i = 0; error.empty() && i < 100; ++i)
    error = set(*storage, {{"k" + std::to_string(i), value, ""}});
  EXPECT_NE(error.find("the database is full: max_size is 1 MB"), std::string::npos) << error;
  EXPECT_EQ(get(*storage, {"first"}), (Values{{"first", "1"}}));
  EXPECT_TRUE(storage->clear());
  EXPECT_EQ(set(*storage, {{"k", value, ""}}), "");
}

// In a process of its own: writes until there is no place, and looks what is left. 0: all is well.
int fill(const BoltdbConfig& config) {
  auto storage = std::make_unique<BoltdbStorage>(config);
  if (!storage->open()) return 2;
  if (!set(*storage, {{"first", "1", ""}}).empty()) return 3;
  const std::string value(50'000, 'x');
  std::string error;
  for (int i = 0; error.empty() && i < 100; ++i)
    error = set(*storage, {{"k" + std::to_string(i), value, ""}});
  if (error.find("b.db: ") == std::string::npos) return 4;
  if (get(*storage, {"first"}) != Values{{"first", "1"}}) return 5;
  if (get(*storage, {"k0"}).size() != 1) return 6;
  // A small one has its place still, once there is some.
  if (!remove(*storage, {"k0", "k1"}).empty()) return 7;
  if (!set(*storage, {{"small", "1", ""}}).empty()) return 8;
  storage = std::make_unique<BoltdbStorage>(config);
  if (!storage->open()) return 9;
  return get(*storage, {"first", "small", "k2"}).size() == 3 ? 0 : 10;
}

template <class Run>
int in_a_process(Run run) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(run());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST_F(KvBoltdb, AFileThatMayGrowNoFurtherIsAnErrorAndStaysReadable) {
  EXPECT_EQ(in_a_process([this] {
              const rlimit limit{1U << 20, 1U << 20};
              ::setrlimit(RLIMIT_FSIZE, &limit);
              return fill(config_);
            }),
            0);
}

TEST_F(KvBoltdb, AFullDiskIsAnErrorAndStaysReadable) {
  constexpr int kNotAllowed = 77;
  const int status = in_a_process([this] {
    const bool mounted = ::unshare(CLONE_NEWNS) == 0 &&
                         ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                         ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=1m") == 0;
    return mounted ? fill(config_) : kNotAllowed;
  });
  if (status == kNotAllowed) GTEST_SKIP() << "it takes a right to mount";
  EXPECT_EQ(status, 0);
}

TEST_F(KvBoltdb, OneThatIsTooLargeDoesNotCostTheOthersTheirs) {
  config_.max_size.count = 4;
  auto storage = opened();
  std::atomic<int> failed = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      const std::string small = std::to_string(t), large(8U << 20, 'x');
      for (int i = 0; i < 20; ++i) {
        if (t == 0) {
          failed += !set(*storage, {{"large", large, ""}}).empty();
        } else {
          EXPECT_EQ(set(*storage, {{small, small, ""}}), "");
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, 20);
}

TEST_F(KvBoltdb, LeavesAFileOfRoadRunnersAlone) {
  // The first two pages of bbolt: head of a page, then its magic, version, page size.
  std::string page(4096, '\0');
  page.replace(8, 2, "\x04\0"s);
  page.replace(16, 12, "\xed\xda\x0c\xed\x02\0\0\0\0\x10\0\0"s);
  write_file(page + page);
  const std::string before = read_file();
  const std::string error = open_error();
  EXPECT_NE(error.find("is a database of RoadRunner's (bbolt)"), std::string::npos) << error;
  EXPECT_EQ(read_file(), before);
  EXPECT_FALSE(fs::exists(config_.file + "-lock"));
}

TEST_F(KvBoltdb, LeavesAnyOtherFileAlone) {
  write_file("a text somebody wants to keep");
  EXPECT_NE(open_error().find("is no database"), std::string::npos);
  EXPECT_EQ(read_file(), "a text somebody wants to keep");
  write_file("");
  EXPECT_EQ(open_error(), "") << "an empty file is as good as none";
}

TEST_F(KvBoltdb, TwoStoragesDoNotShareAFile) {
  auto storage = opened();
  EXPECT_NE(open_error().find("belongs to another storage"), std::string::npos);
  storage.reset();
  EXPECT_EQ(open_error(), "");
}

TEST(KvBoltdbRecord, ReadsWhatItWrites) {
  for (const Timeout& timeout : {Timeout{}, Timeout{1'000'000, 0, true}, Timeout{-5, -690, false},
                                 Timeout{1LL << 60, 1499, false}}) {
    const std::string bytes = encode({timeout, "value\0"s});
    const auto record = decode_record(bytes);
    ASSERT_TRUE(record);
    EXPECT_EQ(record->value, "value\0"s);
    EXPECT_EQ(record->timeout.at, timeout.at);
    EXPECT_EQ(record->timeout.offset, timeout.offset);
    EXPECT_EQ(record->timeout.zulu, timeout.zulu);
  }
  EXPECT_FALSE(decode_record(""));
  EXPECT_FALSE(decode_record("\x01short"));
  EXPECT_LT(deadline_key(-5), deadline_key(5));
  EXPECT_EQ(moment_of(deadline_key(-5)), -5);
}

}  // namespace
}  // namespace rr::keyvalue::boltdb
