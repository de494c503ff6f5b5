// What every storage does, whatever its driver. Runs on an empty one and leaves it empty.
#pragma once

#include <string>

#include "tests/cpp/unit/plugins/kv/storage_helpers.h"

namespace rr::keyvalue {

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

  // spec:04#12
  EXPECT_TRUE(storage.clear());
  EXPECT_EQ(has(storage, {"a", "b", "l", "before"}), Values{});
}

}  // namespace rr::keyvalue
