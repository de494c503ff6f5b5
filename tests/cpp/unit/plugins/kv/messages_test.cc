#include "runtime/plugins/kv/messages.h"

#include <gtest/gtest.h>

#include "rr/base64.h"

namespace rr::keyvalue {
namespace {

using namespace std::string_literals;

std::string item(std::string_view key, std::string_view value, std::string_view timeout,
                 ItemsOf of = ItemsOf::request) {
  std::string out;
  append_item(out, of, key, value, timeout);
  return out;
}

TEST(KvMessages, ReadWhatTheyWrite) {
  const std::string message = "\x0a\x01m"s + item("k", "v\0\xff"s, "t") + item("", "", "");
  const auto request = decode(message);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->storage, "m");
  ASSERT_EQ(request->items.size(), 2u);
  EXPECT_EQ(request->items[0].key, "k");
  EXPECT_EQ(request->items[0].value, "v\0\xff"s);
  EXPECT_EQ(request->items[0].timeout, "t");
  EXPECT_EQ(request->items[1].key, "");
}

TEST(KvMessages, HaveTheFieldsOfRoadRunner) {
  EXPECT_EQ(item("k", "v", "t"), "\x12\x09\x0a\x01k\x12\x01v\x1a\x01t");
  EXPECT_EQ(item("k", "", "", ItemsOf::response), "\x0a\x03\x0a\x01k");
}

TEST(KvMessages, RefuseWhatIsNone) {
  EXPECT_TRUE(decode(""));
  for (const std::string& bad :
       {"\xff"s, "\x0a\x05m"s, "\x12\x02\x0a\x05"s, "\x12\x01\xff"s, "\x0f\x01"s})
    EXPECT_FALSE(decode(bad)) << testing::PrintToString(bad);
  EXPECT_FALSE(decode(item("\xff", "", "")));
  EXPECT_FALSE(decode(item("k", "", "\xff")));
  EXPECT_TRUE(decode(item("k", "\xff", "")));
}

TEST(KvMessages, AreNoBomb) {
  std::string message;
  for (std::size_t i = 0; i <= kMaxItems; ++i) message += "\x12\x00"s;
  EXPECT_FALSE(decode(message));
  message.resize(2 * kMaxItems);
  EXPECT_TRUE(decode(message));
}

TEST(KvMessages, HaveAFormInJson) {
  const auto message = message_of(
      RpcValue::parse(R"({"Storage":"m","items":[{"key":"k","value":"dgD/","timeout":"t"},{}]})"));
  ASSERT_TRUE(message);
  EXPECT_EQ(*message, "\x0a\x01m"s + item("k", "v\0\xff"s, "t") + item("", "", ""));
  EXPECT_EQ(
      value_of(item("k", "v\0\xff"s, "t", ItemsOf::response) + item("", "", "", ItemsOf::response))
          .dump(),
      R"({"items":[{"key":"k","value":"dgD/","timeout":"t"},{}]})");
  EXPECT_EQ(value_of("").dump(), "{}");
  EXPECT_EQ(*message_of(RpcValue(nullptr)), "");
  for (const char* bad : {"[]", "5", R"({"items":5})", R"({"items":[5]})", R"({"storage":5})",
                          R"({"items":[{"value":"*"}]})", R"({"items":[{"value":"dgD"}]})"})
    EXPECT_FALSE(message_of(RpcValue::parse(bad))) << bad;
}

TEST(Base64, GoesThereAndBack) {
  for (const std::string& bytes : {""s, "a"s, "ab"s, "abc"s, "\0\xff\x7f\x80"s})
    EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes);
  EXPECT_EQ(base64_encode("light w"), "bGlnaHQgdw==");
  EXPECT_EQ(base64_decode("bGln\r\naHQgdw=="), "light w");
  for (const char* bad :
       {"a", "ab", "abc", "ab=c", "a===", "====", "ab c", "YQ==YQ==", "\xff\xff\xff\xff"})
    EXPECT_FALSE(base64_decode(bad)) << bad;
}

}  // namespace
}  // namespace rr::keyvalue
