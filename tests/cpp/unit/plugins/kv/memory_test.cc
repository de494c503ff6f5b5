#include <atomic>
#include <thread>

#include "runtime/plugins/kv/drivers/memory/memory_storage.h"
#include "tests/cpp/unit/plugins/kv/contract.h"

namespace rr::keyvalue::memory {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

std::atomic<Moment> moved{0};
Moment moved_now() {
  return keyvalue::now() + moved;
}

class KvMemory : public testing::Test {
 protected:
  KvMemory() { moved = 0; }
  static void pass(std::chrono::microseconds time) { moved += time.count(); }
  MemoryStorage storage_{Logger{}, 0, &moved_now};
};

TEST_F(KvMemory, KeepsTheContract) {
  expect_contract(storage_);
}

// spec:04#9
TEST_F(KvMemory, KeepsKeysUntilTheyEnd) {
  EXPECT_EQ(set(storage_, {{"a", "1", ""}, {"b", "2", in(500s)}, {"c", "3", in(5s)}}), "");
  EXPECT_EQ(has(storage_, {"a", "b", "c", "d"}).size(), 3u);
  pass(4990ms);
  EXPECT_EQ(has(storage_, {"a", "b", "c"}).size(), 3u);
  pass(20ms);
  EXPECT_EQ(get(storage_, {"a", "b", "c"}), (Values{{"a", "1"}, {"b", "2"}}));
  EXPECT_EQ(ttl(storage_, {"c"}), Values{});
}

// spec:04#10
TEST_F(KvMemory, ExpireGivesKeysAnotherEndAndKeepsTheirValues) {
  const std::string soon = in(10s);
  set(storage_, {{"a", "1", ""}, {"b", "2", in(500s)}});
  EXPECT_EQ(expire(storage_, {{"a", "x", soon}, {"b", "", soon}, {"gone", "", soon}}), "");
  EXPECT_EQ(ttl(storage_, {"a", "b", "gone"}).size(), 2u);
  EXPECT_EQ(get(storage_, {"a", "b", "gone"}), (Values{{"a", "1"}, {"b", "2"}}));
  pass(11s);
  EXPECT_EQ(has(storage_, {"a", "b"}), Values{});
}

TEST_F(KvMemory, StepsKeepTheEndOfAKeyAndSeeNoneThatHasEnded) {
  EXPECT_EQ(increment(storage_, "n", 1, in(10s)), "1");
  EXPECT_EQ(increment(storage_, "n", 1, in(600s)), "2");
  EXPECT_EQ(set_if(storage_, {"lease", "me", in(10s)}), "yes");
  EXPECT_EQ(set_if(storage_, {"lease", "you", in(10s)}), "no");
  pass(11s);
  EXPECT_EQ(set_if(storage_, {"lease", "me again", ""}, "me"), "no");
  EXPECT_EQ(set_if(storage_, {"lease", "you", in(15s)}), "yes");
  EXPECT_EQ(increment(storage_, "n", 1), "1");
  pass(11s);
  EXPECT_EQ(get(storage_, {"n", "lease"}), (Values{{"n", "1"}}));
  // What comes late has been there and has ended: a lease must not stay for good.
  EXPECT_EQ(set_if(storage_, {"lease", "late", in(1s)}), "yes");
  EXPECT_EQ(increment(storage_, "late", 3, in(1s)), "3");
  EXPECT_EQ(get(storage_, {"lease", "late"}), Values{});
}

// spec:04#11 spec:04#19
TEST_F(KvMemory, DeletesAndReplaces) {
  set(storage_, {{"e", "1", ""}, {"f", "\0\xff\r\n"s, ""}, {"empty", "", ""}});
  EXPECT_EQ(get(storage_, {"e", "f", "empty", "none"}),
            (Values{{"e", "1"}, {"f", "\0\xff\r\n"s}, {"empty", ""}}));
  EXPECT_EQ(remove(storage_, {"e", "none"}), "");
  EXPECT_EQ(has(storage_, {"e"}), Values{});
  EXPECT_EQ(remove(storage_, {"e"}), "");
  set(storage_, {{"f", "two", ""}});
  EXPECT_EQ(get(storage_, {"f"}), (Values{{"f", "two"}}));
}

// spec:04#12
TEST_F(KvMemory, ClearsEverything) {
  EXPECT_TRUE(storage_.clear());
  for (int i = 0; i < 500; ++i) set(storage_, {{std::to_string(i), "v", in(5s)}});
  EXPECT_TRUE(storage_.clear());
  EXPECT_EQ(storage_.count_for_test(), 0u);
  EXPECT_EQ(storage_.bytes_for_test(), 0u);
  set(storage_, {{"a", "1", ""}});
  storage_.tidy();
  EXPECT_EQ(get(storage_, {"a"}), (Values{{"a", "1"}}));
}

// spec:04#26
TEST_F(KvMemory, RefusesBlankKeysWhereRoadRunnerDoes) {
  const std::string error = "key can't be empty string:\n\tin_memory_plugin_";
  EXPECT_EQ(has(storage_, {"a", " \t"}), (Values{{"error", error + "has"}}));
  EXPECT_EQ(get(storage_, {""}), (Values{{"error", error + "mget"}}));
  EXPECT_EQ(ttl(storage_, {""}), (Values{{"error", error + "ttl"}}));
  EXPECT_EQ(remove(storage_, {""}), error + "delete");
  EXPECT_EQ(set(storage_, {{"", "v", ""}, {" ", "w", ""}}), "");
  const std::string missing =
      "in_memory_plugin_mexpire: timeout for MExpire is empty or key is empty";
  EXPECT_EQ(expire(storage_, {{"a", "", ""}}), missing);
  EXPECT_EQ(expire(storage_, {{" ", "", in(5s)}}), missing);
}

// spec:04#14
TEST_F(KvMemory, ABadTimeoutEndsABatchThere) {
  set(storage_, {{"b", "old", ""}});
  EXPECT_TRUE(set(storage_, {{"a", "1", ""}, {"b", "2", "soon"}, {"c", "3", ""}})
                  .starts_with("parsing time \"soon\" as"));
  EXPECT_EQ(get(storage_, {"a", "b", "c"}), (Values{{"a", "1"}}));
  EXPECT_TRUE(expire(storage_, {{"a", "", "soon"}})
                  .starts_with("in_memory_plugin_mexpire: parsing time \"soon\" as"));
}

TEST_F(KvMemory, WhatIsOverAlreadyIsStoredWithoutAnEnd) {
  set(storage_, {{"p", "1", in(-60s)}, {"n", "2", in(0s)}, {"half", "3", in(500ms)}});
  EXPECT_EQ(ttl(storage_, {"p", "n"}), (Values{{"p", ""}, {"n", ""}}));
  pass(1s);
  EXPECT_EQ(has(storage_, {"p", "n", "half"}), (Values{{"p", ""}, {"n", ""}}));
}

// spec:04#72
TEST_F(KvMemory, AnEndGoesWithItsValue) {
  set(storage_, {{"a", "1", in(3s)}, {"b", "1", in(3s)}});
  set(storage_, {{"a", "2", ""}});
  remove(storage_, {"b"});
  set(storage_, {{"b", "new", ""}});
  pass(4s);
  storage_.tidy();
  EXPECT_EQ(get(storage_, {"a", "b"}), (Values{{"a", "2"}, {"b", "new"}}));
}

// spec:04#20
TEST_F(KvMemory, TheSameKeysAgainAndAgainTakeNoMore) {
  std::size_t bytes = 0;
  for (int i = 0; i < 10'000; ++i) {
    for (const char* key : {"a", "b", "c", "d"}) set(storage_, {{key, "value", in(5s)}});
    if (i == 10) bytes = storage_.bytes_for_test();
  }
  EXPECT_EQ(storage_.bytes_for_test(), bytes);
  EXPECT_EQ(storage_.count_for_test(), 4u);
}

TEST_F(KvMemory, WhatEndedGivesItsMemoryBack) {
  for (int i = 0; i < 10'000; ++i) set(storage_, {{std::to_string(i), "v", in(1s)}});
  pass(2s);
  for (int i = 10'000; i < 20'000; ++i) set(storage_, {{std::to_string(i), "v", in(3s)}});
  EXPECT_LT(storage_.count_for_test(), 11'000u) << "later sets look after it";
  pass(2s);
  storage_.tidy();
  EXPECT_EQ(storage_.count_for_test(), 0u);
}

TEST(KvMemoryBound, KeepsWhatIsUsed) {
  MemoryStorage storage(Logger{}, 8U << 20);
  const std::string value(1000, 'x');
  set(storage, {{"used", "here", ""}});
  for (int i = 0; i < 50'000; ++i) {
    ASSERT_EQ(set(storage, {{"k" + std::to_string(i), value, ""}}), "");
    if (i % 100 == 0) get(storage, {"used"});
  }
  EXPECT_LE(storage.bytes_for_test(), 8U << 20);
  EXPECT_GT(storage.bytes_for_test(), 6U << 20);
  EXPECT_EQ(get(storage, {"used", "k0"}), (Values{{"used", "here"}}));
  EXPECT_EQ(get(storage, {"k49999"}).size(), 1u);
}

TEST(KvMemoryBound, RefusesWhatCannotFit) {
  MemoryStorage storage(Logger{}, 8U << 20);
  set(storage, {{"a", "1", ""}});
  EXPECT_NE(set(storage, {{"a", std::string(5U << 20, 'x'), ""}}).find("has no place"),
            std::string::npos);
  EXPECT_EQ(get(storage, {"a"}), Values{}) << "the old value is not the new one";
  EXPECT_EQ(set(storage, {{"a", std::string(3U << 20, 'x'), ""}}), "");
}

TEST(KvMemoryThreads, DoNotSeeHalfOfAValue) {
  MemoryStorage storage(Logger{}, 1U << 20);
  std::atomic<bool> broken = false;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 5'000; ++i) {
        const std::string key = std::to_string(i % 50);
        switch ((i + t) % 5) {
          case 0:
            set(storage, {{key, std::string(200 + t, static_cast<char>('a' + t)), in(2ms)}});
            break;
          case 1:
            remove(storage, {key});
            break;
          case 2:
            storage.tidy();
            break;
          default:
            for (const auto& [name, value] : get(storage, {key})) {
              if (value.find_first_not_of(value[0]) != std::string::npos) broken = true;
            }
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(broken);
}

}  // namespace
}  // namespace rr::keyvalue::memory
