#include "runtime/core/log/backups.h"

#include <sys/stat.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>

#include "runtime/core/log/gzip.h"

namespace rr::log {
namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

class LogBackups : public testing::Test {
 protected:
  LogBackups() {
    std::string name = (fs::temp_directory_path() / "rr-backups-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    config_.log_output = (folder_ / "f.log").string();
    config_.max_age = 36'500;
  }
  ~LogBackups() override { fs::remove_all(folder_); }

  void file(const std::string& name, const std::string& content = "x") const {
    std::ofstream(folder_ / name) << content;
  }
  Names names() const {
    Names found;
    for (const auto& entry : fs::directory_iterator(folder_))
      found.insert(entry.path().filename().string());
    return found;
  }
  // What is there once the work is done; it is done in the background.
  Names names_once(const Names& expected) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (names() != expected && std::chrono::steady_clock::now() < deadline)
      std::this_thread::yield();
    return names();
  }
  std::string unpacked(const std::string& name) const {
    std::string text(1 << 20, '\0');
    const gzFile file = gzopen((folder_ / name).c_str(), "rb");
    const int got = gzread(file, text.data(), static_cast<unsigned>(text.size()));
    gzclose(file);
    return text.substr(0, got < 0 ? 0 : static_cast<std::size_t>(got));
  }

  fs::path folder_;
  FileConfig config_;
};

// spec:05#37 spec:05#46
TEST_F(LogBackups, TheNewestStayWhetherCompressedOrNot) {
  config_.max_backups = 2;
  for (const char* name : {"f-2026-01-01T00-00-00.000.log", "f-2026-01-01T00-00-00.001.log.gz",
                           "f-2026-01-01T00-00-00.001.log.gz.part", "f-2026-01-02T00-00-00.000.log",
                           "f-2026-01-02T00-00-00.001.log.gz"})
    file(name);
  // Of others.
  for (const char* name : {"f.log", "f-notes.log", "f-2026-01-01T00-00-00.000.txt",
                           "g-2026-01-01T00-00-00.000.log", "f-2026-01-01T00-00-00.000.log.bz2"})
    file(name);
  const Names stay{"f.log",
                   "f-notes.log",
                   "f-2026-01-01T00-00-00.000.txt",
                   "g-2026-01-01T00-00-00.000.log",
                   "f-2026-01-01T00-00-00.000.log.bz2",
                   "f-2026-01-02T00-00-00.000.log",
                   "f-2026-01-02T00-00-00.001.log.gz"};
  Backups backups(config_);
  backups.tend();
  EXPECT_EQ(names_once(stay), stay);
}

// spec:05#46
TEST_F(LogBackups, OldOnesGo) {
  config_.max_age = 1;
  file("f-2020-01-01T00-00-00.000.log");
  Backups backups(config_);
  const std::string fresh = backups.free_name().filename().string();
  file(fresh);
  backups.tend();
  EXPECT_EQ(names_once({fresh}), Names{fresh});
}

// spec:05#37
TEST_F(LogBackups, AreCompressedBehindTheWritersBack) {
  config_.compress = true;
  std::string content;
  for (int i = 0; content.size() < 300'000; ++i) content += "line " + std::to_string(i) + "\n";
  const std::string name = "f-2026-01-01T00-00-00.000.log";
  file(name, content);
  file(name + ".gz.part", "what a server that was killed left");
  ::chmod((folder_ / name).c_str(), 0640);
  Backups backups(config_);
  backups.tend();
  EXPECT_EQ(names_once({name + ".gz"}), Names{name + ".gz"});
  EXPECT_EQ(unpacked(name + ".gz"), content);
  struct stat status {};
  ASSERT_EQ(::stat((folder_ / (name + ".gz")).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640U);
}

TEST_F(LogBackups, ANameIsFreeWhenNeitherThePlainNorTheCompressedFileExists) {
  const Backups backups(config_);
  Names taken;
  for (int i = 0; i < 20; ++i) {
    const std::string name = backups.free_name().filename().string();
    EXPECT_TRUE(taken.insert(name).second) << name;
    file(i % 2 == 0 ? name : name + ".gz");
  }
}

TEST_F(LogBackups, ACompressionThatIsGivenUpLeavesNothing) {
  file("a", std::string(1'000'000, 'x'));
  const std::atomic<bool> give_up{true};
  EXPECT_FALSE(gzip_file(folder_ / "a", folder_ / "a.gz", give_up));
  EXPECT_EQ(names(), Names{"a"});
}

}  // namespace
}  // namespace rr::log
