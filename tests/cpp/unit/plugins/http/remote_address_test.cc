#include "runtime/plugins/http/remote_address.h"

#include <gtest/gtest.h>

namespace rr::http {
namespace {

TEST(HttpRemoteAddress, LosesItsPort) {
  EXPECT_EQ(reduce_remote_address("1.2.3.4:80"), "1.2.3.4");
  EXPECT_EQ(reduce_remote_address("[::1]:8080"), "::1");
  EXPECT_EQ(reduce_remote_address(":8080"), "");
  EXPECT_EQ(reduce_remote_address("127.0.0.1:"), "127.0.0.1");
}

TEST(HttpRemoteAddress, WithoutAColonStaysAsItIs) {
  EXPECT_EQ(reduce_remote_address("@"), "@");
  EXPECT_EQ(reduce_remote_address("foo.workstation"), "foo.workstation");
}

TEST(HttpRemoteAddress, OfVersion6IsNormalised) {
  EXPECT_EQ(reduce_remote_address("2001:DB8:0:0::1"), "2001:db8::1");
}

TEST(HttpRemoteAddress, ThatIsNoneIsNothing) {
  EXPECT_EQ(reduce_remote_address("a:b:c"), std::nullopt);
  EXPECT_EQ(reduce_remote_address("[::1]"), std::nullopt);
}

}  // namespace
}  // namespace rr::http
