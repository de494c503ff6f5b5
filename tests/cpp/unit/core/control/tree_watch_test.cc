#include "runtime/core/tree_watch.h"

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <set>

#include <gtest/gtest.h>

namespace rr {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class Watched : public testing::Test {
 protected:
  Watched() {
    std::string name = (fs::temp_directory_path() / "rr-watch-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    fs::create_directories(folder_ / "src");
    fs::create_directories(folder_ / "vendor/a");
  }
  ~Watched() override {
    watch_.reset();
    fs::remove_all(folder_);
  }

  void begin() {
    watch_ = std::make_unique<TreeWatch>(
        TreeWatchOptions{.folders = {folder_.string()},
                         .patterns = {"**/*.php"},
                         .ignore = {"vendor"},
                         .quiet = 20ms},
        Logger(), [this](const std::vector<std::string>& files, bool complete) {
          const std::lock_guard lock(mutex_);
          ++reports_;
          complete_ = complete_ && complete;
          for (const auto& file : files)
            seen_.insert(fs::path(file).lexically_relative(folder_).string());
          changed_.notify_all();
        });
  }
  void write(const std::string& name) { std::ofstream(folder_ / name) << "<?php"; }
  // What was reported, once all of these have been.
  std::set<std::string> seen(const std::set<std::string>& wanted) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 20s, [&] { return std::ranges::includes(seen_, wanted); });
    return seen_;
  }
  int reports() {
    const std::lock_guard lock(mutex_);
    return reports_;
  }

  fs::path folder_;
  std::mutex mutex_;  // guards the three below
  std::condition_variable changed_;
  std::set<std::string> seen_;
  int reports_ = 0;
  bool complete_ = true;
  std::unique_ptr<TreeWatch> watch_;
};

TEST_F(Watched, FilesThatAreWrittenMovedOrRemoved) {
  write("src/gone.php");
  begin();
  write("a.php");
  write("src/b.php");
  write("src/b.txt");
  write("vendor/a/c.php");
  fs::remove(folder_ / "src/gone.php");
  // As editors save.
  write("src/d.tmp");
  fs::rename(folder_ / "src/d.tmp", folder_ / "src/d.php");
  EXPECT_EQ(seen({"a.php", "src/b.php", "src/gone.php", "src/d.php"}),
            (std::set<std::string>{"a.php", "src/b.php", "src/gone.php", "src/d.php"}));
}

TEST_F(Watched, FoldersThatComeLaterWithAllBelowThem) {
  begin();
  fs::create_directories(folder_ / "src/x/y/z");
  write("src/x/y/z/a.php");
  EXPECT_TRUE(seen({"src/x/y/z/a.php"}).contains("src/x/y/z/a.php"));
  write("src/x/y/b.php");
  EXPECT_TRUE(seen({"src/x/y/b.php"}).contains("src/x/y/b.php"));
  // Moved as a whole: its files are known by their new names.
  fs::rename(folder_ / "src/x", folder_ / "x");
  EXPECT_TRUE(seen({"x/y/z/a.php"}).contains("x/y/z/a.php"));
  write("x/y/c.php");
  EXPECT_TRUE(seen({"x/y/c.php"}).contains("x/y/c.php"));
}

TEST_F(Watched, SymlinkIsAChangeThoughNobodyWritesIt) {
  write("vendor/a/real.php");
  begin();
  fs::create_symlink(folder_ / "vendor/a/real.php", folder_ / "link.php");
  EXPECT_EQ(seen({"link.php"}), std::set<std::string>{"link.php"});
}

TEST_F(Watched, ManyChangesAreFewReports) {
  begin();
  for (int i = 0; i < 3000; ++i) write("src/f" + std::to_string(i) + ".php");
  EXPECT_EQ(seen({"src/f0.php", "src/f2999.php"}).size(), 3000U);
  EXPECT_LT(reports(), 300);
}

TEST_F(Watched, FolderItselfMayGoAndComeBack) {
  begin();
  fs::remove_all(folder_ / "src");
  fs::rename(folder_, folder_.string() + "-old");
  fs::create_directories(folder_ / "src");
  write("src/new.php");
  EXPECT_TRUE(seen({"src/new.php"}).contains("src/new.php"));
  write("src/later.php");
  EXPECT_TRUE(seen({"src/later.php"}).contains("src/later.php"));
  fs::remove_all(folder_.string() + "-old");
}

}  // namespace
}  // namespace rr
