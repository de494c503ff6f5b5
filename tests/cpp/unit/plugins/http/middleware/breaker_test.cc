#include "runtime/plugins/http/middleware/circuitbreaker/breaker.h"

#include <gtest/gtest.h>

namespace rr::http::circuitbreaker {
namespace {

const CircuitBreakerConfig kConfig = [] {
  CircuitBreakerConfig config;
  config.max_error_rate = 0.5;
  config.error_codes = {500, 502};
  return config;
}();

class BreakerTest : public ::testing::Test {
 protected:
  bool request(int status) {
    if (!breaker.admits(now)) return false;
    breaker.answered(status, now);
    return true;
  }
  TimePoint now{std::chrono::hours(1)};
  Breaker breaker{kConfig};
};

TEST_F(BreakerTest, OpensAtTheRateAndClosesByHalves) {
  EXPECT_TRUE(request(200));
  EXPECT_TRUE(request(200));
  EXPECT_TRUE(request(404));
  EXPECT_TRUE(request(500));  // 1 of 4
  EXPECT_TRUE(request(502));  // 2 of 5
  EXPECT_TRUE(request(500));  // 3 of 6
  EXPECT_FALSE(request(200));
  now += 5s;
  EXPECT_TRUE(request(200));
  EXPECT_EQ(breaker.state_for_test(), Breaker::State::half_open);
  now += 10s;
  EXPECT_TRUE(request(200));
  EXPECT_EQ(breaker.state_for_test(), Breaker::State::closed);
}

TEST_F(BreakerTest, AnErrorWhileHalfOpenOpensAgain) {
  EXPECT_TRUE(request(500));
  EXPECT_FALSE(request(200));
  now += 5s;
  EXPECT_TRUE(request(500));
  EXPECT_FALSE(request(200));
  now += 4s;
  EXPECT_FALSE(request(200));
}

TEST_F(BreakerTest, CountsAnewInEachWindow) {
  for (int i = 0; i < 10; ++i) request(200);
  request(500);
  now += 1min;
  request(200);
  request(500);  // 1 of 2
  EXPECT_FALSE(request(200));
}

}  // namespace
}  // namespace rr::http::circuitbreaker
