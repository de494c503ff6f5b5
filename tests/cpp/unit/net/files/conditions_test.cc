#include "runtime/net/files/conditions.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cpp/unit/plugins/http/sample_request.h"

namespace rr::net::files {
namespace {

using ::testing::ElementsAre;

constexpr Validators kFile{"\"a\"", 784111777};

Condition check(const std::string& fields, const Validators& validators = kFile,
                const char* method = "GET") {
  rr::http::SampleRequest request(std::string(method) + " / HTTP/1.1\r\n" + fields + "\r\n");
  return check_conditions(*request, validators);
}

// spec:02#109
TEST(Conditions, CompareDatesAndTags) {
  EXPECT_EQ(check(""), Condition::proceed);
  EXPECT_EQ(check("If-None-Match: \"a\"\r\n"), Condition::not_modified);
  EXPECT_EQ(check("If-None-Match: \"b\", W/\"a\"\r\n"), Condition::not_modified);
  EXPECT_EQ(check("If-None-Match: *\r\n"), Condition::not_modified);
  EXPECT_EQ(check("If-None-Match: \"b\"\r\n"), Condition::proceed);
  EXPECT_EQ(check("If-None-Match: a\r\n"), Condition::proceed);
  EXPECT_EQ(check("If-None-Match: \"a\"\r\n", kFile, "PUT"), Condition::failed);
  EXPECT_EQ(check("If-Match: \"b\"\r\n"), Condition::failed);
  EXPECT_EQ(check("If-Match: \"b\", \"a\"\r\n"), Condition::proceed);
  EXPECT_EQ(check("If-Match: W/\"a\"\r\n", {"W/\"a\"", 0}), Condition::failed);
  EXPECT_EQ(check("If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT\r\n"), Condition::not_modified);
  EXPECT_EQ(check("If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n"), Condition::not_modified);
  EXPECT_EQ(check("If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n"), Condition::proceed);
  EXPECT_EQ(check("If-Modified-Since: junk\r\n"), Condition::proceed);
  EXPECT_EQ(check("If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT\r\n"), Condition::failed);
}

TEST(Conditions, ATagGoesBeforeADate) {
  EXPECT_EQ(check("If-None-Match: \"b\"\r\nIf-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT\r\n"),
            Condition::proceed);
  EXPECT_EQ(check("If-Match: \"a\"\r\nIf-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT\r\n"),
            Condition::proceed);
}

TEST(Conditions, IfRangeNeedsTheSameFile) {
  const auto counts = [](const std::string& value) {
    rr::http::SampleRequest request("GET / HTTP/1.1\r\nIf-Range: " + value + "\r\n\r\n");
    return range_counts(*request, kFile);
  };
  EXPECT_TRUE(counts("\"a\""));
  EXPECT_FALSE(counts("W/\"a\""));
  EXPECT_FALSE(counts("\"b\""));
  EXPECT_TRUE(counts("Sun, 06 Nov 1994 08:49:37 GMT"));
  EXPECT_FALSE(counts("Sun, 06 Nov 1994 08:49:38 GMT"));
}

// spec:02#98
TEST(Ranges, AreCutToTheFile) {
  std::vector<Range> ranges;
  const auto parse = [&](std::string_view field) { return parse_ranges(field, 10, ranges); };
  EXPECT_EQ(parse(""), RangeResult::whole);
  EXPECT_EQ(parse("bytes=0-3"), RangeResult::some);
  EXPECT_THAT(ranges, ElementsAre(Range{0, 4}));
  EXPECT_EQ(parse("bytes=2-100"), RangeResult::some);
  EXPECT_THAT(ranges, ElementsAre(Range{2, 8}));
  EXPECT_EQ(parse("bytes=-3"), RangeResult::some);
  EXPECT_THAT(ranges, ElementsAre(Range{7, 3}));
  EXPECT_EQ(parse("bytes=-30"), RangeResult::some);
  EXPECT_THAT(ranges, ElementsAre(Range{0, 10}));
  EXPECT_EQ(parse("bytes=0-1, 8-"), RangeResult::some);
  EXPECT_THAT(ranges, ElementsAre(Range{0, 2}, Range{8, 2}));
  EXPECT_EQ(parse("bytes=0-9,0-9"), RangeResult::whole);
  EXPECT_EQ(parse("bytes=20-30"), RangeResult::no_overlap);
  EXPECT_EQ(parse("bytes=20-30,0-0"), RangeResult::some);
  EXPECT_EQ(parse("bytes=-0"), RangeResult::no_overlap);
  for (const char* bad : {"bytes=x", "items=0-1", "bytes=5-2", "bytes=1", "bytes=--1", "bytes=-",
                          "bytes=+1-2", "bytes=99999999999999999999-"})
    EXPECT_EQ(parse(bad), RangeResult::malformed) << bad;
}

TEST(Ranges, AnEmptyFileIsWhole) {
  std::vector<Range> ranges;
  EXPECT_EQ(parse_ranges("bytes=0-3", 0, ranges), RangeResult::whole);
}

TEST(Ranges, ManySmallOnesAreNotWorthIt) {
  std::string field = "bytes=0-0";
  for (int i = 0; i < 100; ++i) field += ",0-0";
  std::vector<Range> ranges;
  EXPECT_EQ(parse_ranges(field, 1 << 20, ranges), RangeResult::whole);
}

}  // namespace
}  // namespace rr::net::files
