#include "runtime/app/pid_file.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include <gtest/gtest.h>

#include "rr/config/errors.h"
#include "runtime/core/log/system.h"

namespace rr::app {
namespace {

namespace fs = std::filesystem;

// In a working directory of its own.
class PidFiles : public testing::Test {
 protected:
  PidFiles() {
    std::string pattern = fs::temp_directory_path() / "rr-pid-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    before_ = fs::current_path();
    fs::current_path(folder_);
    log::LogsConfig config;
    config.mode = "raw";
    config.output = {(folder_ / "log").string()};
    logs_ = std::make_unique<log::System>(config);
  }
  ~PidFiles() override {
    fs::current_path(before_);
    fs::remove_all(folder_);
  }

  Logger log() { return logs_->logger("server"); }
  std::string logged() {
    logs_->flush();
    return content("log");
  }
  static std::string content(const std::string& name) {
    std::ifstream in(name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static std::string own() { return std::to_string(getpid()); }

  fs::path folder_, before_;
  std::unique_ptr<log::System> logs_;
};

// spec:05#21
TEST_F(PidFiles, HoldsTheNumberWithoutANewlineForAsLongAsTheServerRuns) {
  {
    PidFile file(PidFile::Wanted::yes, log());
    EXPECT_EQ(content(".pid"), "");
    file.write();
    EXPECT_EQ(content(".pid"), own());
  }
  EXPECT_FALSE(fs::exists(".pid"));
}

TEST_F(PidFiles, OneThatNobodyWantsIsNotTouched) {
  std::ofstream(".pid") << "123";
  {
    PidFile file(PidFile::Wanted::no, log());
    file.write();
  }
  EXPECT_EQ(content(".pid"), "123");
}

TEST_F(PidFiles, AServerThatDoesNotComeUpLeavesItToTheOneThatRuns) {
  std::ofstream(".pid") << "123";
  { const PidFile file(PidFile::Wanted::yes, log()); }
  EXPECT_EQ(content(".pid"), "123");
  fs::remove(".pid");
  { const PidFile file(PidFile::Wanted::yes, log()); }
  EXPECT_FALSE(fs::exists(".pid")) << "and leaves none of its own";
}

TEST_F(PidFiles, AStaleOneIsReplaced) {
  std::ofstream(".pid") << "999999999 and more";
  PidFile file(PidFile::Wanted::yes, log());
  file.write();
  EXPECT_EQ(content(".pid"), own());
  EXPECT_EQ(logged(), "");
}

TEST_F(PidFiles, ReplacingThatOfAnotherServerIsAWarning) {
  const pid_t other = ::fork();
  if (other == 0) {
    ::pause();  // by name the same program
    ::_exit(0);
  }
  std::ofstream(".pid") << other;
  {
    PidFile file(PidFile::Wanted::yes, log());
    file.write();
    EXPECT_NE(logged().find("\"pid\": " + std::to_string(other)), std::string::npos) << logged();
    std::ofstream(".pid") << other;  // the other way round: it is not ours to remove
  }
  EXPECT_EQ(content(".pid"), std::to_string(other));
  ::kill(other, SIGKILL);
  ::waitpid(other, nullptr, 0);
}

TEST_F(PidFiles, OneThatCannotBeOpenedEndsTheStart) {
  fs::create_directory(".pid");
  try {
    const PidFile file(PidFile::Wanted::yes, log());
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_STREQ(error.what(), "open .pid: is a directory");
  }
}

// Of a process that has become server.user meanwhile.
TEST_F(PidFiles, WhatCannotBeRemovedIsEmptied) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  const pid_t child = ::fork();
  if (child == 0) {
    PidFile file(PidFile::Wanted::yes, Logger());
    file.write();
    const bool changed = ::setgid(65534) == 0 && ::setuid(65534) == 0;
    file.remove();
    ::_exit(changed && content(".pid").empty() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(fs::exists(".pid"));
  EXPECT_EQ(content(".pid"), "");
}

}  // namespace
}  // namespace rr::app
