#include "runtime/net/files/http_date.h"

#include <gtest/gtest.h>

namespace rr::net::files {
namespace {

constexpr std::int64_t kSample = 784111777;  // RFC 9110's own example

TEST(HttpDate, ReadsTheThreeForms) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), kSample);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), kSample);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994"), kSample);
  EXPECT_EQ(parse_http_date("Wed Nov 16 08:49:37 1994"), kSample + 10 * 86400);
}

TEST(HttpDate, RefusesEverythingElse) {
  for (const char* text :
       {"", "junk", "0", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 00 Feb 1994 08:49:37 GMT",
        "Xyz, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 EST"}) {
    EXPECT_FALSE(parse_http_date(text)) << text;
  }
}

TEST(HttpDate, WritesWhatItReads) {
  for (const std::int64_t when : {std::int64_t{0}, kSample, std::int64_t{4102444800}})
    EXPECT_EQ(parse_http_date(http_date(when)), when);
  EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
}

}  // namespace
}  // namespace rr::net::files
