#include <gtest/gtest.h>

#include "rr/kv_timeout.h"

namespace rr::keyvalue {
namespace {

std::string again(std::string_view text) {
  const auto timeout = parse_timeout(text);
  return timeout ? to_text(*timeout) : "!" + timeout.error().text();
}

std::string complaint(std::string_view text) {
  const auto timeout = parse_timeout(text);
  return timeout ? "none" : timeout.error().text();
}

TEST(KvTimeout, IsTheMomentItNames) {
  EXPECT_EQ(parse_timeout("2001-09-09T01:46:40Z")->at, 1'000'000'000'000'000);
  EXPECT_EQ(parse_timeout("2001-09-09T03:46:40+02:00")->at, 1'000'000'000'000'000);
  EXPECT_EQ(parse_timeout("2001-09-08T14:16:40-11:30")->at, 1'000'000'000'000'000);
  EXPECT_EQ(parse_timeout("2001-09-09T01:46:40.25Z")->at, 1'000'000'000'250'000);
  EXPECT_EQ(parse_timeout("2001-09-09T01:46:40,123456789Z")->at, 1'000'000'000'123'456);
  EXPECT_LT(parse_timeout("1969-12-31T23:59:59Z")->at, 0);
}

// spec:04#17
TEST(KvTimeout, ComesBackAsItWasWrittenInWholeSeconds) {
  for (const char* text : {"2031-01-02T15:04:05Z", "2031-01-02T15:04:05+00:00",
                           "2031-01-02T15:04:05+02:00", "2031-01-02T15:04:05-11:30",
                           "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2024-02-29T00:00:00Z"})
    EXPECT_EQ(again(text), text);
  EXPECT_EQ(again("2031-01-02T15:04:05.999999Z"), "2031-01-02T15:04:05Z");
  EXPECT_EQ(again("1969-12-31T23:59:58.5Z"), "1969-12-31T23:59:58Z");
  EXPECT_EQ(to_text(Timeout{}), "");
}

// spec:04#14
TEST(KvTimeout, ComplainsInGosWords) {
  const std::string as = "\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"";
  const auto cannot = [&](const std::string& text, const std::string& rest,
                          const std::string& element) {
    EXPECT_EQ(complaint(text), "parsing time \"" + text + as + rest + "\" as \"" + element + "\"");
  };
  cannot("tomorrow", "tomorrow", "2006");
  cannot("10", "10", "2006");
  cannot("", "", "2006");
  cannot(" ", " ", "2006");
  cannot("2031", "", "-");
  cannot("2031-1-02T00:00:00Z", "1-02T00:00:00Z", "01");
  cannot("2031-01-02", "", "T");
  cannot("2031-01-02 10:00:00", " 10:00:00", "T");
  cannot("2031-01-02T10:00:00", "", "Z07:00");
  cannot("2031-01-02T10:00:00+0200", "+0200", "Z07:00");
  cannot("2031-01-02T10:00Z", "Z", ":");
  EXPECT_EQ(complaint("2031-13-01T00:00:00Z"),
            "parsing time \"2031-13-01T00:00:00Z\": month out of range");
  EXPECT_EQ(complaint("2031-02-29T00:00:00Z"),
            "parsing time \"2031-02-29T00:00:00Z\": day out of range");
  EXPECT_EQ(complaint("2031-01-00T00:00:00Z"),
            "parsing time \"2031-01-00T00:00:00Z\": day out of range");
  EXPECT_EQ(complaint("2031-01-01T24:00:00Z"),
            "parsing time \"2031-01-01T24:00:00Z\": hour out of range");
  EXPECT_EQ(complaint("2031-01-01T00:00:00Zx"),
            "parsing time \"2031-01-01T00:00:00Zx\": extra text: \"x\"");
  EXPECT_EQ(complaint("a\"\\\n\xff"),
            "parsing time \"a\\\"\\\\\\x0a\\xff" + as + "a\\\"\\\\\\x0a\\xff\" as \"2006\"");
}

// spec:04#26
TEST(KvBlankKey, IsOneOfWhiteSpaceAlone) {
  for (const char* key : {"", " ", " \t\r\n\v\f", "\xC2\xA0", "\xE2\x80\x83 \xE3\x80\x80"})
    EXPECT_TRUE(is_blank(key)) << key;
  for (const char* key : {"a", " a ", "\xC3\xA4", "\xE2\x80\x8B", "\x01"})
    EXPECT_FALSE(is_blank(key)) << key;
}

}  // namespace
}  // namespace rr::keyvalue
