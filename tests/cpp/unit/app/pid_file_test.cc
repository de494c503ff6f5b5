#include "runtime/app/pid_file.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

namespace rr::app {
namespace {

class PidFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string folder = std::filesystem::temp_directory_path() / "rr-pid-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    before_ = std::filesystem::current_path();
    std::filesystem::current_path(folder);
  }
  void TearDown() override {
    const auto folder = std::filesystem::current_path();
    std::filesystem::current_path(before_);
    std::filesystem::remove_all(folder);
  }
  static std::string text() {
    std::ifstream file(".pid");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::filesystem::path before_;
};

TEST_F(PidFileTest, HoldsThePidWithoutALineEndAndGoesInTheEnd) {
  {
    PidFile file(PidFile::Wanted::yes);
    EXPECT_FALSE(std::filesystem::exists(".pid"));
    file.write();
    EXPECT_EQ(text(), std::to_string(::getpid()));
    // Nothing else is left in the folder.
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator("."), {}), 1);
  }
  EXPECT_FALSE(std::filesystem::exists(".pid"));
}

TEST_F(PidFileTest, StaysWhenItNamesAnother) {
  PidFile file(PidFile::Wanted::yes);
  file.write();
  std::ofstream(".pid", std::ios::trunc) << 1;
  file.remove();
  EXPECT_EQ(text(), "1");
}

TEST_F(PidFileTest, IsNotWrittenUnlessWanted) {
  PidFile file(PidFile::Wanted::no);
  file.write();
  EXPECT_FALSE(std::filesystem::exists(".pid"));
}

}  // namespace
}  // namespace rr::app
