// spec:02#48, #49, #50
#include "runtime/plugins/http/middleware/headers/cors.h"

#include <gtest/gtest.h>

namespace rr::http::headers {
namespace {

TEST(Cors, MatchesOriginsWithOneStar) {
  CorsConfig config;
  config.allowed_origin = "http://one.example, https://*.two.example";
  const Cors cors(config);
  for (const char* good : {"http://one.example", "HTTP://ONE.example", "https://x.y.two.example"})
    EXPECT_TRUE(cors.allows_origin(good)) << good;
  for (const char* bad : {"", "http://one.example.evil", "https://two.example",
                          "https://.two.exampl", "http://x.two.example"})
    EXPECT_FALSE(cors.allows_origin(bad)) << bad;
}

TEST(Cors, ExpressionsAreSearchedFor) {
  CorsConfig config;
  config.allowed_origin = "*";
  config.allowed_origin_regex = "^https?://(localhost|127\\.0\\.0\\.1)(:[0-9]+)?$";
  const Cors cors(config);
  EXPECT_TRUE(cors.allows_origin("http://127.0.0.1:10"));
  EXPECT_FALSE(cors.allows_origin("http://evil.example.com"));
  EXPECT_FALSE(cors.allows_origin("http://localhost.evil"));
}

TEST(Cors, RequestedHeadersMayComeInAnyOrder) {
  const Cors cors(CorsConfig{});
  EXPECT_TRUE(cors.allows_headers(""));
  EXPECT_TRUE(cors.allows_headers("x-requested-with,Accept, content-type"));
  EXPECT_FALSE(cors.allows_headers("accept, x-other"));
  EXPECT_TRUE(cors.allows_method("HEAD"));
  EXPECT_FALSE(cors.allows_method("head"));
}

}  // namespace
}  // namespace rr::http::headers
