// Hot path rule 3: choosing a route allocates nothing once a thread is warm.
#include <gtest/gtest.h>

#include "runtime/plugins/http/routes/router.h"
#include "tests/cpp/unit/counted_allocations.h"
#include "tests/cpp/unit/plugins/http/sample_request.h"

namespace rr::http::routes {
namespace {

TEST(HotPath, ChoosingARouteAllocatesNothingOnceWarm) {
  RouteConfig api, files, rest;
  api.path = {"/api", "=/health"};
  api.methods = {"GET", "POST"};
  files.path = {"/**/*.pdf"};
  files.host = {"*.example.org"};
  rest.path = {"/"};
  const Router router({api, files, rest});
  SampleRequest plain(
      "GET /a/rather/long/path/that/no/small/string/holds HTTP/1.1\r\nHost: a\r\n\r\n");
  SampleRequest odd(
      "GET /api//a%2Frather/l%6Fng/path/that/no/small/string HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto both = [&] { return router.way_of(*plain).route + router.way_of(*odd).route; };
  EXPECT_EQ(both(), 2U);
  const std::size_t before = rr::testing::counted_allocations();
  for (int i = 0; i < 100; ++i) both();
  EXPECT_EQ(rr::testing::counted_allocations(), before);
}

}  // namespace
}  // namespace rr::http::routes
