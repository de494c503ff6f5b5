#include <gtest/gtest.h>

#include "runtime/plugins/http/middleware/sendfile/middleware.h"

namespace rr::http::sendfile {
namespace {

// spec:02 §4.4: by the text alone, as Go's filepath.Clean.
TEST(Sendfile, CleansPaths) {
  EXPECT_EQ(cleaned("/a/../etc/x"), "/etc/x");
  EXPECT_EQ(cleaned("/../x"), "/x");
  EXPECT_EQ(cleaned("a//b/./c/"), "a/b/c");
  EXPECT_EQ(cleaned("../x"), "../x");
  EXPECT_EQ(cleaned("a/../../x"), "../x");
  EXPECT_EQ(cleaned("a/.."), ".");
  EXPECT_EQ(cleaned("/"), "/");
  EXPECT_EQ(cleaned("/a..b"), "/a..b");
}

}  // namespace
}  // namespace rr::http::sendfile
