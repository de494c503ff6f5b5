#include "runtime/plugins/http/cookies.h"

#include <map>

#include <gtest/gtest.h>

#include "sample_request.h"

namespace rr::http {
namespace {

using Map = std::map<std::string, std::string>;

Map cookies(const std::string& lines) {
  SampleRequest request("GET / HTTP/1.1\r\nHost: e\r\n" + lines + "\r\n");
  Cookies parser;
  parser.parse(*request);
  Map out;
  for (const HeaderView& cookie : parser.list()) {
    EXPECT_TRUE(out.emplace(cookie.name, cookie.value).second) << "twice: " << cookie.name;
  }
  return out;
}

std::string many(int count) {
  std::string line = "Cookie: ";
  for (int i = 1; i < count; ++i) line += "a=1; ";
  return line + "a=2\r\n";
}

// spec:02#4
TEST(HttpCookies, AreFormDecodedAndABadValueDropsThatCookieOnly) {
  EXPECT_EQ(cookies("Cookie: a=b%20c; d=e; bad=%zz\r\n"), (Map{{"a", "b c"}, {"d", "e"}}));
}

// spec:02#5
TEST(HttpCookies, OfOneNameTheLastStays) {
  EXPECT_EQ(cookies("Cookie: a=1; a=2\r\n"), (Map{{"a", "2"}}));
  EXPECT_EQ(cookies("Cookie: a=1; a=%zz\r\n"), (Map{{"a", "1"}}));
}

TEST(HttpCookies, AreSplitTrimmedAndUnquoted) {
  EXPECT_EQ(
      cookies("Cookie: q=\"quoted value\"; plus=a+b; empty=; noequals; sp =x; =noname; eq=a=b; "
              "comma=a,b\r\nCookie: second=line; a[b]=1; tab=\tx\r\n"),
      (Map{{"sp", "x"},
           {"eq", "a=b"},
           {"comma", "a,b"},
           {"second", "line"},
           {"q", "quoted value"},
           {"plus", "a b"},
           {"empty", ""},
           {"noequals", ""}}));
}

TEST(HttpCookies, WithABackslashQuoteOrByteAbove126AreDropped) {
  EXPECT_EQ(cookies("Cookie: a=\\; b=x\"y; c=\x7F; d=\xC3\xA9; e=\"; f=\"\"; ok=1;;\r\n"),
            (Map{{"f", ""}, {"ok", "1"}}));
}

// spec:02#97
TEST(HttpCookies, BeyondThreeThousandAreNone) {
  EXPECT_EQ(cookies(many(3000)), (Map{{"a", "2"}}));
  EXPECT_EQ(cookies(many(3001)), Map{});
}

TEST(HttpCookies, OfManyNamesTheLastOfEachStays) {
  std::string line = "Cookie: ";
  for (int i = 0; i < 200; ++i) {
    line.append("c")
        .append(std::to_string(i % 100))
        .append("=")
        .append(std::to_string(i))
        .append("%20; ");
  }
  const Map seen = cookies(line + "\r\n");
  EXPECT_EQ(seen.size(), 100);
  EXPECT_EQ(seen.at("c7"), "107 ");
  EXPECT_EQ(seen.at("c99"), "199 ");
}

TEST(HttpCookies, OfOneRequestDoNotReachTheNext) {
  Cookies parser;
  SampleRequest first("GET / HTTP/1.1\r\nCookie: a=%41\r\n\r\n");
  SampleRequest second("GET / HTTP/1.1\r\nHost: e\r\n\r\n");
  parser.parse(*first);
  EXPECT_EQ(parser.list().size(), 1);
  parser.parse(*second);
  EXPECT_TRUE(parser.list().empty());
}

}  // namespace
}  // namespace rr::http
