#include "runtime/core/program.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

namespace rr {
namespace {

namespace fs = std::filesystem;

Program started_as(std::string word) {
  std::array<char*, 1> argv{word.data()};
  return Program::started(1, argv.data());
}

const std::string kSelf = fs::read_symlink("/proc/self/exe").string();

TEST(Program, KeepsTheNameOfALink) {
  std::string folder = fs::temp_directory_path() / "rr-program-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  fs::create_symlink(kSelf, folder + "/current");
  EXPECT_EQ(started_as(folder + "/current").path, folder + "/current");
  // As a shell finds it.
  const char* path = std::getenv("PATH");
  const std::string before = path ? path : "";
  ::setenv("PATH", ("/nowhere:" + folder + ":/bin").c_str(), 1);
  EXPECT_EQ(started_as("current").path, folder + "/current");
  ::setenv("PATH", before.c_str(), 1);
  fs::remove_all(folder);
}

TEST(Program, FallsBackToTheFileItself) {
  EXPECT_EQ(started_as("./no-such-program").path, kSelf);
  EXPECT_EQ(started_as("no-such-program").path, kSelf);
  EXPECT_EQ(started_as("/bin/sh").path, kSelf) << "argv[0] may say anything";
}

TEST(Program, BelievesTheShellAboutTheFolderWhereItIsRight) {
  std::string folder = fs::temp_directory_path() / "rr-program-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  fs::create_directory(folder + "/release-1");
  fs::create_symlink("release-1", folder + "/current");
  const fs::path before = fs::current_path();
  fs::current_path(folder + "/current");
  ::setenv("PWD", (folder + "/current").c_str(), 1);
  EXPECT_EQ(started_as("x").folder, folder + "/current");
  ::setenv("PWD", "/", 1);
  EXPECT_EQ(started_as("x").folder, fs::current_path().string());
  fs::current_path(before);
  fs::remove_all(folder);
}

TEST(Program, TheEnvironmentIsWithoutWhatWasForThisProcess) {
  ::setenv("RR_EMBED_SOCKETS", "3=tcp://127.0.0.1:80", 1);
  ::setenv("LISTEN_PID", "1", 1);
  ::setenv("RR_EMBED_OTHER", "stays", 1);
  const auto environment = started_as("x").environment;
  const auto has = [&](const std::string& name) {
    return std::ranges::any_of(environment,
                               [&](const auto& entry) { return entry.starts_with(name + "="); });
  };
  EXPECT_FALSE(has("RR_EMBED_SOCKETS"));
  EXPECT_FALSE(has("LISTEN_PID"));
  EXPECT_TRUE(has("RR_EMBED_OTHER"));
  ::unsetenv("RR_EMBED_SOCKETS");
  ::unsetenv("LISTEN_PID");
}

}  // namespace
}  // namespace rr
