#include "runtime/core/config/dotenv.h"

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace rr::config {
namespace {

// spec:05#13
TEST(Dotenv, FreshEnvironmentKnowsWhatTheFilesSayNow) {
  const auto path =
      std::filesystem::path(testing::TempDir()) / ("dotenv." + std::to_string(::getpid()) + ".env");
  ::setenv("RR_TEST_OWN", "own", 1);
  std::ofstream(path) << "RR_TEST_OWN=file\nRR_TEST_FILE=before\nRR_TEST_GONE=x\n";
  load_dotenv(path.string());
  EXPECT_STREQ(::getenv("RR_TEST_OWN"), "own");
  EXPECT_STREQ(::getenv("RR_TEST_FILE"), "before");

  std::ofstream(path) << "RR_TEST_OWN=file\nRR_TEST_FILE=after\n";
  FreshEnvironment fresh;
  EXPECT_EQ(fresh.find("RR_TEST_FILE"), std::nullopt);
  fresh.load(path.string());
  EXPECT_EQ(fresh.find("RR_TEST_OWN"), "own");
  EXPECT_EQ(fresh.find("RR_TEST_FILE"), "after");
  EXPECT_EQ(fresh.find("RR_TEST_GONE"), std::nullopt);
  EXPECT_STREQ(::getenv("RR_TEST_FILE"), "before") << "the process's own is left as it is";
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace rr::config
