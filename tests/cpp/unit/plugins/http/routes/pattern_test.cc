#include "runtime/plugins/http/routes/pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rr::http::routes {
namespace {

using ::testing::HasSubstr;

PathPattern path(std::string_view text) {
  auto parsed = PathPattern::parse(text);
  if (!parsed) throw std::runtime_error(parsed.error().message);
  return *parsed;
}
HostPattern host(std::string_view text) {
  auto parsed = HostPattern::parse(text);
  if (!parsed) throw std::runtime_error(parsed.error().message);
  return *parsed;
}

TEST(PathPattern, APathIsThatAndAllBelow) {
  for (const char* text : {"/api", "/api/", "/api/**"}) {
    const PathPattern api = path(text);
    EXPECT_TRUE(api.matches("/api")) << text;
    EXPECT_TRUE(api.matches("/api/users/1")) << text;
    EXPECT_FALSE(api.matches("/apiary")) << text;
    EXPECT_FALSE(api.matches("/API")) << text;
    EXPECT_FALSE(api.matches("/x/api")) << text;
    EXPECT_FALSE(api.matches("")) << text;
  }
}

TEST(PathPattern, TheRootIsEverythingWithAPath) {
  for (const char* text : {"/", "/**"}) {
    EXPECT_TRUE(path(text).matches("/")) << text;
    EXPECT_TRUE(path(text).matches("/a/b")) << text;
    EXPECT_FALSE(path(text).matches("")) << text;
  }
}

TEST(PathPattern, WithAnEqualsSignItIsThatPathAlone) {
  EXPECT_TRUE(path("=/login").matches("/login"));
  EXPECT_FALSE(path("=/login").matches("/login/x"));
  EXPECT_TRUE(path("=/").matches("/"));
  EXPECT_FALSE(path("=/").matches("/a"));
  EXPECT_TRUE(path("=/a*b").matches("/a*b"));
  EXPECT_FALSE(path("=/a*b").matches("/axb"));
}

TEST(PathPattern, StarsStopAtSlashesAndDoubleOnesDoNot) {
  EXPECT_TRUE(path("/files/*.pdf").matches("/files/a.pdf"));
  EXPECT_FALSE(path("/files/*.pdf").matches("/files/x/a.pdf"));
  EXPECT_FALSE(path("/files/*.pdf").matches("/files/a.pdf/x"));
  EXPECT_TRUE(path("/**/*.pdf").matches("/a.pdf"));
  EXPECT_TRUE(path("/**/*.pdf").matches("/x/y/a.pdf"));
  EXPECT_TRUE(path("/*/admin").matches("/de/admin"));
  EXPECT_FALSE(path("/*/admin").matches("/de/at/admin"));
  EXPECT_FALSE(path("/*/admin").matches("/de/admin/users"));
}

TEST(PathPattern, DoubleStarsAtTheEndAreAlsoNothing) {
  const PathPattern pattern = path("/*/admin/**");
  EXPECT_TRUE(pattern.matches("/de/admin"));
  EXPECT_TRUE(pattern.matches("/de/admin/users"));
  EXPECT_FALSE(pattern.matches("/de/administration"));
}

TEST(PathPattern, WhatIsNoPathIsRefusedWithWhatToWrite) {
  const auto says = [](std::string_view text) {
    auto parsed = PathPattern::parse(text);
    return parsed ? std::string("fine") : parsed.error().message;
  };
  EXPECT_THAT(says(""), HasSubstr("begins with a slash"));
  EXPECT_THAT(says("api"), HasSubstr("begins with a slash"));
  EXPECT_THAT(says("/a%20b"), HasSubstr("decoded"));
  EXPECT_THAT(says("/search?q=1"), HasSubstr("path alone"));
  EXPECT_THAT(says("/a#b"), HasSubstr("path alone"));
  EXPECT_THAT(says("/a//b"), HasSubstr("two slashes"));
  EXPECT_THAT(says("/a/../b"), HasSubstr("no path that is let in"));
  EXPECT_THAT(says("/a\\b"), HasSubstr("backslash"));
  EXPECT_THAT(says("/a**b"), HasSubstr("** stands alone"));
  EXPECT_THAT(says("/***"), HasSubstr("** stands alone"));
}

TEST(PathPattern, KnowsWhatItCovers) {
  const auto covers = [](std::string_view a, std::string_view b) {
    return path(a).covers(path(b));
  };
  EXPECT_TRUE(covers("/", "/api"));
  EXPECT_TRUE(covers("/", "=/"));
  EXPECT_TRUE(covers("/", "/**/*.pdf"));
  EXPECT_TRUE(covers("/api", "/api"));
  EXPECT_TRUE(covers("/api", "/api/v1"));
  EXPECT_TRUE(covers("/api", "=/api/v1"));
  EXPECT_TRUE(covers("/api", "/api/*/x"));
  EXPECT_TRUE(covers("/*/x", "=/a/x"));
  EXPECT_TRUE(covers("/*/x", "/*/x"));
  EXPECT_FALSE(covers("/api", "/apiary"));
  EXPECT_FALSE(covers("/api", "/api*"));
  EXPECT_FALSE(covers("/api", "/*/x"));
  EXPECT_FALSE(covers("/api/v1", "/api"));
  EXPECT_FALSE(covers("=/api", "/api"));
  EXPECT_FALSE(covers("/*/x", "/a/x"));
}

TEST(HostPattern, NamesAreComparedWithoutCase) {
  EXPECT_TRUE(host("Example.com").matches("eXAMPLE.com"));
  EXPECT_TRUE(host("example.com.").matches("example.com"));
  EXPECT_FALSE(host("example.com").matches("www.example.com"));
  EXPECT_TRUE(host("[::1]").matches("[::1]"));
}

TEST(HostPattern, AStarIsEveryNameBelow) {
  const HostPattern below = host("*.example.com");
  EXPECT_TRUE(below.matches("a.example.com"));
  EXPECT_TRUE(below.matches("b.a.Example.com"));
  EXPECT_FALSE(below.matches("example.com"));
  EXPECT_FALSE(below.matches(".example.com"));
  EXPECT_FALSE(below.matches("badexample.com"));
}

TEST(HostPattern, WhatIsNoHostIsRefused) {
  for (const char* text : {"", "*", "*.", "example.com:80", "a.*.com", "ex ample", "b\xc3\xa4r.de"})
    EXPECT_FALSE(HostPattern::parse(text)) << text;
}

TEST(HostPattern, KnowsWhatItCovers) {
  EXPECT_TRUE(host("*.a.com").covers(host("x.a.com")));
  EXPECT_TRUE(host("*.a.com").covers(host("*.a.com")));
  EXPECT_TRUE(host("*.a.com").covers(host("*.x.a.com")));
  EXPECT_FALSE(host("*.a.com").covers(host("a.com")));
  EXPECT_FALSE(host("x.a.com").covers(host("*.x.a.com")));
}

TEST(BareHost, HasNoPortAndNoDotAtItsEnd) {
  EXPECT_EQ(bare_host("a.com:80"), "a.com");
  EXPECT_EQ(bare_host("a.com.:80"), "a.com");
  EXPECT_EQ(bare_host("[::1]:80"), "[::1]");
  EXPECT_EQ(bare_host("[::1]"), "[::1]");
  EXPECT_EQ(bare_host(""), "");
}

}  // namespace
}  // namespace rr::http::routes
