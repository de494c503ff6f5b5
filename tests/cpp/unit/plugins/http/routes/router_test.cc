#include "runtime/plugins/http/routes/router.h"

#include <gtest/gtest.h>

#include "tests/cpp/unit/plugins/http/sample_request.h"

namespace rr::http::routes {
namespace {

using Kind = Router::Way::Kind;

RouteConfig on(std::vector<std::string> paths, std::vector<std::string> methods = {},
               std::vector<std::string> hosts = {}) {
  RouteConfig route;
  route.path = std::move(paths);
  route.methods = std::move(methods);
  route.host = std::move(hosts);
  return route;
}

// The route's number, -1: none, -2: refused.
int way(const Router& router, const std::string& first_line, const std::string& host = "a.com",
        const std::string& more = "") {
  const std::string line = host.empty() ? "" : "Host: " + host + "\r\n";
  SampleRequest request(first_line + " HTTP/1.1\r\n" + line + more + "\r\n");
  const Router::Way way = router.way_of(*request);
  if (way.kind == Kind::refused) {
    EXPECT_NE(way.reason, nullptr);
    return -2;
  }
  return way.kind == Kind::none ? -1 : static_cast<int>(way.route);
}

TEST(Router, TheFirstThatFitsCounts) {
  const Router router({on({"=/api/health"}), on({"/api"}), on({"/"}, {"POST"})});
  EXPECT_EQ(way(router, "GET /api/health"), 0);
  EXPECT_EQ(way(router, "GET /api/health/x"), 1);
  EXPECT_EQ(way(router, "GET /api?x=/y"), 1);
  EXPECT_EQ(way(router, "POST /other"), 2);
  EXPECT_EQ(way(router, "GET /other"), -1);
}

TEST(Router, AllConditionsMustFit) {
  const Router router({on({"/admin"}, {"GET", "POST"}, {"a.com", "*.b.com"})});
  EXPECT_EQ(way(router, "GET /admin"), 0);
  EXPECT_EQ(way(router, "GET /admin", "A.COM:8080"), 0);
  EXPECT_EQ(way(router, "GET /admin", "x.b.com."), 0);
  EXPECT_EQ(way(router, "GET /admin", "b.com"), -1);
  EXPECT_EQ(way(router, "GET /admin", ""), -1);
  EXPECT_EQ(way(router, "PUT /admin"), -1);
  EXPECT_EQ(way(router, "GET /"), -1);
}

TEST(Router, GetIsHeadTooAndLettersOfMethodsDoNotCount) {
  const Router router({on({}, {"GET"}), on({}, {"POST"})});
  EXPECT_EQ(way(router, "HEAD /"), 0);
  EXPECT_EQ(way(router, "get /"), 0);
  EXPECT_EQ(way(router, "post /"), 1);
  EXPECT_EQ(way(router, "PUT /"), -1);
}

// Whatever the application makes of these, it is not the one that /admin was meant for.
TEST(Router, PathsThatLeadToDifferentPlacesAreRefused) {
  const Router router({on({"/admin"}), on({"/api"})});
  for (const char* path :
       {"//admin", "/%2Fadmin", "/x/../admin", "/%2e%2e/admin", "/admin/../api", "/api/..%2fadmin",
        "/admin%2Fusers", "/admin\\users", "/admin%5Cusers", "/./admin", "/admin#x", "/api%00",
        "/%2e/admin", "/api/%2E%2E/admin", "/api//..//admin"}) {
    EXPECT_EQ(way(router, std::string("GET ") + path), -2) << path;
  }
}

TEST(Router, PathsThatLeadToOnePlaceHoweverTheyAreReadAreLetIn) {
  const Router router({on({"/admin"}), on({"/api"})});
  EXPECT_EQ(way(router, "GET /api/projects/group%2Fname"), 1);
  EXPECT_EQ(way(router, "GET /api//users"), 1);
  EXPECT_EQ(way(router, "GET /admin//x%2Fy"), 0);
  EXPECT_EQ(way(router, "GET /%61dmin"), 0);
  EXPECT_EQ(way(router, "GET /adm%69n/"), 0);
  EXPECT_EQ(way(router, "GET //other"), -1);
  EXPECT_EQ(way(router, "GET /Admin"), -1);
  EXPECT_EQ(way(router, "GET /%2561dmin"), -1);
}

TEST(Router, ReadingsInBetweenCountAsWell) {
  // As sent "/a%2Fb", merged and decoded "/a/b": both none; but decoded alone it is "//a/b".
  const Router router({on({"/*/a/b"})});
  EXPECT_EQ(way(router, "GET //a%2Fb"), -2);
}

TEST(Router, WithoutAPathInTheRoutesPathsAreNotLookedAt) {
  const Router router({on({}, {}, {"admin.a.com"})});
  EXPECT_EQ(way(router, "GET /../x", "admin.a.com"), 0);
  EXPECT_EQ(way(router, "GET //x%00"), -1);
}

TEST(Router, AbsoluteFormsHostCountsAndMustBeTheFields) {
  const Router router({on({"/x"}, {}, {"b.com"}), on({"/"}, {}, {"a.com"})});
  SampleRequest same("GET http://b.com/x HTTP/1.1\r\nHost: b.com\r\n\r\n");
  same->head.host = same->fields[0].value;
  EXPECT_EQ(router.way_of(*same).route, 0U);
  SampleRequest other("GET http://b.com/x HTTP/1.1\r\nHost: a.com\r\nX: b.com\r\n\r\n");
  other->head.host = other->fields[1].value;  // as the parser takes it from the target
  EXPECT_EQ(router.way_of(*other).kind, Kind::refused);
  const Router paths({on({"=/"})});
  SampleRequest bare("GET http://b.com HTTP/1.1\r\nHost: a.com\r\n\r\n");
  EXPECT_EQ(paths.way_of(*bare).kind, Kind::route);
}

TEST(Router, WithoutAPathNoPatternFits) {
  const Router router({on({"/"}), on({}, {"CONNECT", "OPTIONS"})});
  EXPECT_EQ(way(router, "CONNECT a.com:443"), 1);
  EXPECT_EQ(way(router, "OPTIONS *"), 1);
  EXPECT_EQ(way(router, "OPTIONS /"), 0);
}

TEST(Router, KnowsRoutesThatNeverCount) {
  EXPECT_TRUE(Router::shadows(on({}), on({"/api"})));
  EXPECT_TRUE(Router::shadows(on({"/"}), on({"/api", "=/x"}, {"GET"})));
  EXPECT_TRUE(Router::shadows(on({"/api"}, {"GET"}), on({"/api/v1"}, {"HEAD"})));
  EXPECT_TRUE(Router::shadows(on({"/api"}, {}, {"*.a.com"}), on({"/api"}, {}, {"x.a.com"})));
  EXPECT_FALSE(Router::shadows(on({"/api"}), on({"/api", "/x"})));
  EXPECT_FALSE(Router::shadows(on({"/api"}, {"GET"}), on({"/api"})));
  EXPECT_FALSE(Router::shadows(on({"/api"}, {}, {"a.com"}), on({"/api"})));
  EXPECT_FALSE(Router::shadows(on({"/api"}), on({})));
}

}  // namespace
}  // namespace rr::http::routes
