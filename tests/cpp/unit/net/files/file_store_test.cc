#include "runtime/net/files/file_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace rr::net::files {
namespace {

using Outcome = FileStore::Outcome;
namespace fs = std::filesystem;

class FileStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/rr-files-XXXXXX";
    folder_ = mkdtemp(name);
    fs::create_directories(folder_ / "pub/sub");
    write("pub/a.txt", "a");
    write("secret.txt", "secret");
  }
  void TearDown() override { fs::remove_all(folder_); }

  // Old enough to be kept open.
  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name, std::ios::trunc) << text;
    timespec times[2]{{1'000'000'000, 0}, {1'000'000'000 + ++clock_, 0}};
    utimensat(AT_FDCWD, (folder_ / name).c_str(), times, 0);
  }
  FileStore::Options options() { return {.folder = folder_ / "pub"}; }
  static std::string read(const FileStore::Opened& opened) {
    if (!opened.file) return "-";
    const FileBytes bytes = opened.file->bytes(0, opened.file->size());
    std::string text(bytes.length, '?');
    text.resize(static_cast<std::size_t>(pread(bytes.descriptor, text.data(), text.size(), 0)));
    bytes.release(bytes.owner);
    return text;
  }

  fs::path folder_;
  int clock_ = 0;
};

TEST_F(FileStoreTest, OpensFilesBelowItsFolder) {
  FileStore store(options());
  EXPECT_EQ(read(store.open("a.txt")), "a");
  EXPECT_EQ(read(store.open("//a.txt")), "a");
  EXPECT_EQ(read(store.open("/./sub/./../a.txt")), "-");  // no climbing, wherever it leads
  EXPECT_EQ(store.open("none").outcome, Outcome::missing);
  EXPECT_EQ(store.open("sub").outcome, Outcome::folder);
  EXPECT_EQ(store.open("").outcome, Outcome::folder);
  EXPECT_EQ(store.open(std::string_view("a.txt\0x", 7)).outcome, Outcome::missing);
}

TEST_F(FileStoreTest, NeverLeavesItsFolder) {
  FileStore store(options());
  EXPECT_EQ(read(store.open("../secret.txt")), "-");
  EXPECT_EQ(read(store.open("sub/../../secret.txt")), "-");
  fs::create_symlink("../secret.txt", folder_ / "pub/link.txt");
  fs::create_symlink(folder_, folder_ / "pub/up");
  fs::create_symlink("a.txt", folder_ / "pub/inside.txt");
  EXPECT_EQ(store.open("link.txt").outcome, Outcome::outside);
  EXPECT_EQ(store.open("up/secret.txt").outcome, Outcome::outside);
  EXPECT_EQ(read(store.open("inside.txt")), "a");
}

TEST_F(FileStoreTest, FollowsLinksWhenToldTo) {
  fs::create_symlink("../secret.txt", folder_ / "pub/link.txt");
  auto how = options();
  how.links = FileStore::Links::anywhere;
  FileStore store(std::move(how));
  EXPECT_EQ(read(store.open("link.txt")), "secret");
  EXPECT_EQ(read(store.open("../secret.txt")), "-");
}

TEST_F(FileStoreTest, SeesAtOnceWhatWasChangedReplacedOrRemoved) {
  auto how = options();
  how.fresh_for = std::chrono::hours(1);
  FileStore store(std::move(how));
  EXPECT_EQ(read(store.open("a.txt")), "a");
  write("pub/a.txt", "longer");
  EXPECT_EQ(read(store.open("a.txt")), "longer");
  write("pub/new.txt", "replaced");
  fs::rename(folder_ / "pub/new.txt", folder_ / "pub/a.txt");
  EXPECT_EQ(read(store.open("a.txt")), "replaced");
  fs::remove(folder_ / "pub/a.txt");
  EXPECT_EQ(store.open("a.txt").outcome, Outcome::missing);
}

TEST_F(FileStoreTest, KeepsFewDescriptorsOpen) {
  for (int i = 0; i < 2000; ++i) write("pub/" + std::to_string(i) + ".txt", "x");
  FileStore store(options());
  for (int i = 0; i < 2000; ++i) EXPECT_EQ(read(store.open(std::to_string(i) + ".txt")), "x");
  const auto open = std::distance(fs::directory_iterator("/proc/self/fd"), {});
  EXPECT_LT(open, 700);
}

TEST_F(FileStoreTest, OpensNoFifo) {
  ASSERT_EQ(mkfifo((folder_ / "pub/pipe.txt").c_str(), 0600), 0);
  FileStore store(options());
  EXPECT_EQ(store.open("pipe.txt").outcome, Outcome::missing);
}

}  // namespace
}  // namespace rr::net::files
