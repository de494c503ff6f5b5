// What every storage does, whatever its driver. Runs on an empty one and leaves it empty.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/cpp/unit/plugins/kv/storage_helpers.h"

namespace rr::keyvalue {

inline void expect_one_of_many(KvStorage& storage) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 25;
  std::atomic<int> had{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kRounds; ++i) {
        const std::string key = "round" + std::to_string(i);
        const std::string value = std::to_string(t);
        if (set_if(storage, {key, value, ""}) == "yes") ++had;
        EXPECT_TRUE(storage.increment("steps", t % 2 == 0 ? 3 : 1, ""));
        for (;;) {
          const std::string before = get(storage, {"chain"})["chain"];
          const std::string after = before + static_cast<char>('a' + t);
          const bool first = before.empty();
          const auto expected = first ? std::nullopt : std::optional<std::string_view>(before);
          if (set_if(storage, {"chain", after, ""}, expected) == "yes") break;
        }
      }
    });
  }
  for (std::thread& each : threads) each.join();
  EXPECT_EQ(had, kRounds);
  EXPECT_EQ(get(storage, {"steps"})["steps"], std::to_string(kThreads * kRounds * 2));
  EXPECT_EQ(get(storage, {"chain"})["chain"].size(), std::size_t{kThreads * kRounds});
}

inline void expect_contract(KvStorage& storage) {
  using namespace std::string_literals;
  using namespace std::chrono_literals;

  // Nothing is asked for.
  EXPECT_EQ(set(storage, {}), "");
  EXPECT_EQ(get(storage, {}), Values{});
  EXPECT_EQ(has(storage, {}), Values{});
  EXPECT_EQ(expire(storage, {}), "");
  EXPECT_EQ(remove(storage, {}), "");
  EXPECT_TRUE(storage.clear());

  // spec:04#19 Values are any bytes, the empty ones too; what is not there is left out.
  const std::string bytes = "\0\xff\r\n\x80"s;
  std::string large;
  for (int i = 0; i < 300'000; ++i) large += static_cast<char>(i * 7);
  EXPECT_EQ(set(storage, {{"a", "one", ""}, {"b", bytes, ""}, {"e", "", ""}, {"l", large, ""}}),
            "");
  EXPECT_EQ(get(storage, {"a", "zz", "b", "e"}), (Values{{"a", "one"}, {"b", bytes}, {"e", ""}}));
  EXPECT_TRUE(get(storage, {"l"})["l"] == large);
  EXPECT_EQ(has(storage, {"a", "zz", "e"}), (Values{{"a", ""}, {"e", ""}}));

  // spec:04#11 Replaced; deleted, also what is not there.
  EXPECT_EQ(set(storage, {{"a", "two", ""}, {"a", "three", ""}}), "");
  EXPECT_EQ(get(storage, {"a"}), (Values{{"a", "three"}}));
  EXPECT_EQ(remove(storage, {"e", "zz"}), "");
  EXPECT_EQ(has(storage, {"e"}), Values{});
  EXPECT_EQ(remove(storage, {"e"}), "");

  // spec:04#14 A timeout that is none ends the call; what stands before it is done.
  EXPECT_NE(set(storage, {{"before", "1", ""}, {"bad", "2", "soon"}, {"after", "3", ""}})
                .find("parsing time \"soon\""),
            std::string::npos);
  EXPECT_EQ(has(storage, {"before", "after"}), (Values{{"before", ""}}));
  EXPECT_NE(expire(storage, {{"a", "", "soon"}}).find("parsing time \"soon\""), std::string::npos);
  EXPECT_NE(expire(storage, {{"a", "", ""}}), "");

  // spec:04#10 Another end leaves the value.
  EXPECT_EQ(expire(storage, {{"a", "ignored", in(600s)}}), "");
  EXPECT_EQ(get(storage, {"a"}), (Values{{"a", "three"}}));

  // spec:04#26 A key of white space is refused where it is asked for.
  for (const char* blank : {"", " \t"}) {
    EXPECT_TRUE(get(storage, {blank}).contains("error"));
    EXPECT_TRUE(has(storage, {"a", blank}).contains("error"));
    EXPECT_NE(remove(storage, {blank}), "");
  }

  // In one step: where nothing is, where the value is the expected one.
  EXPECT_EQ(set_if(storage, {"once", "1", ""}), "yes");
  EXPECT_EQ(set_if(storage, {"once", "2", ""}), "no");
  EXPECT_EQ(set_if(storage, {"once", "2", ""}, "other"), "no");
  EXPECT_EQ(set_if(storage, {"none", "2", ""}, "other"), "no");
  EXPECT_EQ(set_if(storage, {"once", bytes, ""}, "1"), "yes");
  EXPECT_EQ(set_if(storage, {"once", "", in(600s)}, bytes), "yes");
  EXPECT_EQ(set_if(storage, {"once", "back", ""}, ""), "yes");
  EXPECT_EQ(get(storage, {"once", "none"}), (Values{{"once", "back"}}));
  EXPECT_NE(set_if(storage, {"once", "2", "soon"}).find("parsing time \"soon\""),
            std::string::npos);
  EXPECT_NE(set_if(storage, {" ", "2", ""}).find("key"), std::string::npos);

  // Numbers, of all 64 bits.
  EXPECT_EQ(increment(storage, "n", 5), "5");
  EXPECT_EQ(increment(storage, "n", -7), "-2");
  EXPECT_EQ(increment(storage, "n", 3, in(600s)), "1");
  EXPECT_EQ(get(storage, {"n"}), (Values{{"n", "1"}}));
  EXPECT_EQ(increment(storage, "n", 9'007'199'254'740'992), "9007199254740993");
  EXPECT_EQ(increment(storage, "n", 9'214'364'837'600'034'814), "9223372036854775807");
  EXPECT_NE(increment(storage, "n", 1).find(KvStorage::kOutOfRange), std::string::npos);
  EXPECT_EQ(increment(storage, "new", 2, in(600s)), "2");
  for (const char* text : {"", "one", "007", " 1", "1 ", "+1", "1.5", "9223372036854775808"}) {
    EXPECT_EQ(set(storage, {{"n", text, ""}}), "");
    EXPECT_NE(increment(storage, "n", 1).find(KvStorage::kNoNumber), std::string::npos) << text;
    EXPECT_EQ(get(storage, {"n"}), (Values{{"n", text}}));
  }

  // Of several that want the same one has it; each step counts.
  expect_one_of_many(storage);

  // spec:04#12
  EXPECT_TRUE(storage.clear());
  EXPECT_EQ(has(storage, {"a", "b", "l", "before"}), Values{});
}

}  // namespace rr::keyvalue
