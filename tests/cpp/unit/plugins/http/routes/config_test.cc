// What `http.pools` and `http.routes` may say, and where their mistakes are said to be.
#include "runtime/plugins/http/routes/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/core/config/config.h"
#include "runtime/plugins/http/config.h"

namespace rr::http {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

config::Config configured(const std::string& text) {
  config::Source source;
  source.text = text;
  return config::load(source);
}

HttpConfig decoded(const std::string& text) {
  return configured(text).section<HttpConfig>("http");
}

std::string failure(const std::string& text) {
  try {
    decoded(text);
  } catch (const ConfigError& e) {
    return e.with_positions();
  }
  return "no error";
}

std::vector<std::string> warnings(const std::string& text) {
  config::Config config = configured(text);
  (void)config.section<HttpConfig>("http");
  std::vector<std::string> all;
  for (const config::Problem& each : config.take_warnings())
    all.push_back(each.path + ": " + each.text + " (" + std::to_string(each.at.line) + ")");
  return all;
}

TEST(RoutesConfig, IsReadAsTheRestOfTheSection) {
  const HttpConfig http = decoded(R"(
http:
  pools:
    Admin: {mode: process, num_workers: 2, command: php admin.php}
    legacy: {mode: classic}
  routes:
    - {host: [a.com, '*.b.com'], path: /admin, methods: [get, POST], pool: admin,
       max_request_size: 2, raw_body: true, middleware: [], uploads: {allow: [.png]}}
    - {path: [/old, =/older], pool: Legacy}
)");
  ASSERT_EQ(http.pools.size(), 2U);
  EXPECT_EQ(http.pools.at("admin").num_workers, 2U);
  EXPECT_EQ(http.pools.at("legacy").mode, pool::Mode::classic);
  EXPECT_EQ(http.pools.at("legacy").allocate_timeout, std::chrono::minutes(1));
  EXPECT_TRUE(http.has_threads());
  ASSERT_EQ(http.routes.size(), 2U);
  const RouteConfig& first = http.routes[0];
  EXPECT_THAT(first.host, ElementsAre("a.com", "*.b.com"));
  EXPECT_THAT(first.path, ElementsAre("/admin"));
  EXPECT_THAT(first.methods, ElementsAre("GET", "POST"));
  EXPECT_EQ(first.max_request_size->bytes(), 2U << 20);
  EXPECT_EQ(first.raw_body, true);
  EXPECT_THAT(*first.middleware, ElementsAre());
  EXPECT_THAT(first.uploads->allow, ElementsAre(".png"));
  EXPECT_THAT(http.routes[1].path, ElementsAre("/old", "=/older"));
  EXPECT_EQ(http.routes[1].pool, "legacy");
  EXPECT_FALSE(http.routes[1].middleware);
}

TEST(RoutesConfig, UnknownPoolsAreNamedWithTheNearestOneAndTheirPlace) {
  EXPECT_THAT(
      failure("http:\n  pools: {admin: {}}\n  routes:\n    - path: /a\n      pool: admni\n"),
      AllOf(HasSubstr("no pool of http.pools has the name \"admni\", did you mean \"admin\"?"),
            HasSubstr(":5:13)")));
}

TEST(RoutesConfig, WhatIsNoPatternIsSaidWithItsPlace) {
  EXPECT_THAT(failure("http:\n  routes:\n    - path: [/a, b]\n"),
              AllOf(HasSubstr("\"b\" is no path of a route"), HasSubstr(":3:18)")));
  EXPECT_THAT(failure("http:\n  routes:\n    - path: /a**b\n"),
              AllOf(HasSubstr("** stands alone"), HasSubstr(":3:13)")));
  EXPECT_THAT(failure("http:\n  routes:\n    - host: 'a.com:80'\n"),
              AllOf(HasSubstr("without a port"), HasSubstr(":3:13)")));
  EXPECT_THAT(failure("http:\n  routes:\n    - methods: ['GE T']\n"), HasSubstr("is no method"));
  EXPECT_THAT(failure("http: {pools: {'a b': {}}}"), HasSubstr("letters, digits, - and _"));
  EXPECT_THAT(failure("http: {pools: {a: {num_workers: 501}}}"), HasSubstr("more than 500"));
}

TEST(RoutesConfig, RoutesThatNeverCountAndPoolsThatNobodyUsesGiveAWarning) {
  EXPECT_THAT(warnings("http:\n  pools: {a: {}, b: {}}\n  routes:\n    - {path: /x, pool: a}\n"
                       "    - {path: /y}\n    - {path: =/x/z, methods: GET}\n"),
              ElementsAre("http.pools.b: no route sends requests to this pool (2)",
                          "http.routes[2]: this route never counts: routes[0] takes all it could "
                          "(6)"));
}

}  // namespace
}  // namespace rr::http
