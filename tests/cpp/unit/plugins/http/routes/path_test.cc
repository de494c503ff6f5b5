// How a path may be read: once by most, in several ways by some, not at all where it only serves to
// be misread.
#include "runtime/plugins/http/routes/path.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rr::http::routes {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> readings(std::string_view sent) {
  Path path;
  std::vector<std::string> all;
  if (!path.read(sent)) return all;
  for (const std::string_view each : path.readings()) all.emplace_back(each);
  return all;
}

TEST(RoutePath, OrdinaryPathsHaveOneReading) {
  EXPECT_THAT(readings("/"), ElementsAre("/"));
  EXPECT_THAT(readings("/api/v1/users.json"), ElementsAre("/api/v1/users.json"));
  EXPECT_THAT(readings("/.well-known/acme"), ElementsAre("/.well-known/acme"));
  EXPECT_THAT(readings("/a..b/...c"), ElementsAre("/a..b/...c"));
  EXPECT_THAT(readings("/a;x=1/b"), ElementsAre("/a;x=1/b"));
  EXPECT_THAT(readings("/\xc3\xa4"), ElementsAre("/\xc3\xa4"));
}

TEST(RoutePath, EncodedBytesAreDecodedOnce) {
  EXPECT_THAT(readings("/%61dmin"), ElementsAre("/admin"));
  EXPECT_THAT(readings("/%C3%A4"), ElementsAre("/\xc3\xa4"));
  EXPECT_THAT(readings("/%2561dmin"), ElementsAre("/%61dmin"));
  EXPECT_THAT(readings("/a%3Fb%23c"), ElementsAre("/a?b#c"));
}

TEST(RoutePath, SlashesAtTheEndDoNotCount) {
  EXPECT_THAT(readings("/api/"), ElementsAre("/api"));
  EXPECT_THAT(readings("/%61pi/"), ElementsAre("/api"));
}

TEST(RoutePath, RepeatedSlashesAreReadBothWays) {
  EXPECT_THAT(readings("//admin"), ElementsAre("//admin", "/admin"));
  EXPECT_THAT(readings("/a///b"), ElementsAre("/a///b", "/a/b"));
}

TEST(RoutePath, EncodedSlashesAndBackslashesAreReadBothWays) {
  EXPECT_THAT(readings("/a%2Fb"), ElementsAre("/a%2Fb", "/a/b"));
  EXPECT_THAT(readings("/a%2fb"), ElementsAre("/a%2fb", "/a/b"));
  EXPECT_THAT(readings("/a\\b"), ElementsAre("/a\\b", "/a/b"));
  EXPECT_THAT(readings("/a%5Cb"), ElementsAre("/a\\b", "/a/b"));
  EXPECT_THAT(readings("//a%2Fb"), ElementsAre("//a%2Fb", "/a%2Fb", "//a/b", "/a/b"));
  EXPECT_THAT(readings("/%2Fa"), ElementsAre("/%2Fa", "//a", "/a"));
}

TEST(RoutePath, DotSegmentsHaveNone) {
  for (const char* sent :
       {"/..", "/.", "/a/..", "/a/../b", "/a/./b", "/./a", "/a/%2e%2e/b", "/a/.%2e/b", "/a/%2E/b",
        "/a%2F..%2Fb", "/a/..%2fb", "/a/..\\b", "/a%5c..%5cb", "/a\\..\\b", "//..", "/%2e%2e%2f"}) {
    EXPECT_THAT(readings(sent), IsEmpty()) << sent;
  }
}

TEST(RoutePath, ControlCharactersFragmentsAndBrokenEscapesHaveNone) {
  for (const std::string& sent :
       {std::string("/a%00b"), std::string("/a\0b", 4), std::string("/a\nb"), std::string("/a\x7f"),
        std::string("/admin#x"), std::string("/%zz"), std::string("/%4"), std::string("/%")}) {
    EXPECT_THAT(readings(sent), IsEmpty()) << sent;
  }
  // Of no use to anybody who wants to be misread: decoded they are ordinary bytes of a name.
  EXPECT_THAT(readings("/a%0d%0ab"), ElementsAre("/a\r\nb"));
}

TEST(RoutePath, TooLongHasNone) {
  EXPECT_THAT(readings("/" + std::string(Path::kLongest - 1, 'a')), ::testing::SizeIs(1));
  EXPECT_THAT(readings("/" + std::string(Path::kLongest, 'a')), IsEmpty());
}

// A thread uses one for all its requests.
TEST(RoutePath, RemembersNothingOfTheOneBefore) {
  Path path;
  EXPECT_TRUE(path.read("//a%2Fb"));
  EXPECT_TRUE(path.read("/plain"));
  EXPECT_EQ(path.readings().size(), 1U);
  EXPECT_FALSE(path.read("/.."));
  EXPECT_TRUE(path.read("/x//y"));
  EXPECT_THAT(std::vector<std::string>(path.readings().begin(), path.readings().end()),
              ElementsAre("/x//y", "/x/y"));
}

}  // namespace
}  // namespace rr::http::routes
