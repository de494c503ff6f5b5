// spec:02#53
#include "runtime/net/compress/negotiation.h"

#include <vector>

#include <gtest/gtest.h>

namespace rr::net::compress {
namespace {

using enum Encoding;

std::string chosen(std::string_view accept, std::vector<Encoding> offered = {gzip}) {
  const auto encoding = choose(accept, offered);
  return encoding ? std::string(name_of(*encoding)) : "-";
}

TEST(Negotiation, TakesGzipWhereItIsNamed) {
  EXPECT_EQ(chosen("gzip"), "gzip");
  EXPECT_EQ(chosen("GZIP"), "gzip");
  EXPECT_EQ(chosen("deflate, gzip;q=0.5"), "gzip");
  EXPECT_EQ(chosen("br, zstd, gzip"), "gzip");
  EXPECT_EQ(chosen("gzip ; Q = 0.001"), "gzip");
  for (const char* none : {"", "*", "x-gzip", "identity", "gzip;q=0", "gzip;q=0.000", "br",
                           "gzip;q=x", "gzip;q=2", "gzip;q=0.0001", "gzipx", "gzip;q="})
    EXPECT_EQ(chosen(none), "-") << none;
}

TEST(Negotiation, TakesTheGreatestWeightThenTheConfiguredOrder) {
  EXPECT_EQ(chosen("gzip, br, zstd", {br, zstd, gzip}), "br");
  EXPECT_EQ(chosen("gzip;q=1, br;q=0.8", {br, gzip}), "gzip");
  EXPECT_EQ(chosen("zstd", {br, zstd, gzip}), "zstd");
}

TEST(Negotiation, LooksAtTheHead) {
  const auto possible = [](std::vector<HeaderView> headers, int status = 200) {
    return look_at({.status = status, .headers = headers}).possible;
  };
  EXPECT_TRUE(possible({}));
  EXPECT_TRUE(possible({{"content-type", "image/png"}}));
  EXPECT_TRUE(possible({{"Content-Length", "1024"}}));
  EXPECT_FALSE(possible({{"Content-Length", "1023"}}));
  EXPECT_FALSE(possible({{"Content-Encoding", "br"}}));
  EXPECT_FALSE(possible({{"content-range", "bytes 0-1/2"}}));
  EXPECT_FALSE(possible({{"No-Gzip-Compression", "1"}}));
  for (const char* type : {"image/jpeg", "Video/mp4", "audio/ogg", "application/zip",
                           "application/x-GZIP", "application/zstd"})
    EXPECT_FALSE(possible({{"Content-Type", type}})) << type;
  EXPECT_FALSE(possible({}, 204));
  EXPECT_FALSE(possible({}, 304));
}

}  // namespace
}  // namespace rr::net::compress
