#include "runtime/plugins/http/uploads.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace rr::http {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

class HttpUploads : public testing::Test {
 protected:
  HttpUploads() {
    char name[] = "/tmp/rr_uploads_XXXXXX";
    dir_ = ::mkdtemp(name);
  }
  ~HttpUploads() override { fs::remove_all(dir_); }

  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(dir_), fs::directory_iterator()));
  }
  UploadLog log() {
    return [this](std::string_view message, std::string_view) { logged_.emplace_back(message); };
  }
  static void add(Uploads& uploads, std::string_view field, std::string_view name,
                  std::string_view bytes, std::string_view mime = "") {
    uploads.begin(field, name, mime);
    uploads.write(bytes);
    uploads.end();
  }
  static Json tree(const Uploads& uploads) {
    std::string out;
    EXPECT_TRUE(uploads.append_json(out));
    return Json::parse(out);
  }
  static int error(const Uploads& uploads) { return static_cast<int>(uploads.list().back().error); }

  std::string dir_;
  std::vector<std::string> logged_;
};

// spec:02#17
TEST_F(HttpUploads, AreStoredAndGoneAtTheEnd) {
  const UploadRules rules({.dir = dir_, .forbid = {}, .allow = {}});
  {
    Uploads uploads(rules);
    add(uploads, "upload", "sample.txt", "hello\r\nfile", "application/octet-stream");
    const std::string path = uploads.list().back().path;
    EXPECT_TRUE(path.starts_with(dir_ + "/upload"));
    EXPECT_EQ(path.find_first_not_of("0123456789", dir_.size() + 7), path.npos);
    std::stringstream content;
    content << std::ifstream(path).rdbuf();
    EXPECT_EQ(content.str(), "hello\r\nfile");
    struct stat info {};
    ASSERT_EQ(::stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777, 0600);
    std::string out;
    ASSERT_TRUE(uploads.append_json(out));
    EXPECT_EQ(out, R"({"upload":{"name":"sample.txt","mime":"application/octet-stream","size":11,)"
                   R"("error":0,"tmpName":")" +
                       path + "\"}}");
    EXPECT_EQ(files(), 1);
  }
  EXPECT_EQ(files(), 0);
}

TEST_F(HttpUploads, ThatPhpMovedStayWhereTheyAre) {
  const UploadRules rules({.dir = dir_, .forbid = {}, .allow = {}}, {}, log());
  {
    Uploads uploads(rules);
    add(uploads, "u", "s.txt", "hello");
    fs::rename(uploads.list().back().path, dir_ + "/moved");
  }
  EXPECT_EQ(files(), 1);
  EXPECT_TRUE(logged_.empty());
}

// spec:02#18
TEST_F(HttpUploads, NestLikeFields) {
  const UploadRules rules({.dir = dir_, .forbid = {}, .allow = {}});
  Uploads uploads(rules);
  add(uploads, "upload[x][y][z][]", "a.txt", "1");
  add(uploads, "upload[x][y][z][]", "b.txt", "22");
  add(uploads, "one", "1.txt", "first");
  add(uploads, "one", "2.txt", "second");
  add(uploads, "m[k]", "c.bin", "333", "image/png");
  const Json seen = tree(uploads);
  EXPECT_EQ(seen["upload"]["x"]["y"]["z"][1]["size"], 2);
  EXPECT_EQ(seen["one"]["name"], "1.txt");
  EXPECT_EQ(seen["m"]["k"]["mime"], "image/png");
  EXPECT_EQ(files(), 5);
}

// spec:02#19
TEST_F(HttpUploads, WithoutTheirFolderAreErrorSix) {
  const UploadRules rules({.dir = dir_ + "/nowhere", .forbid = {}, .allow = {}}, {}, log());
  Uploads uploads(rules);
  add(uploads, "u", "sample.txt", "hello", "text/plain");
  EXPECT_EQ(
      tree(uploads)["u"],
      Json::parse(R"({"name":"sample.txt","mime":"text/plain","size":0,"error":6,"tmpName":""})"));
  EXPECT_EQ(logged_, std::vector<std::string>{"error opening the file"});
}

// spec:02#19 spec:02#20
TEST_F(HttpUploads, WithAForbiddenExtensionAreErrorEight) {
  const UploadRules rules({.dir = dir_, .forbid = {".PHP", ".exe"}, .allow = {}});
  const auto error_of = [&](std::string_view name) {
    Uploads uploads(rules);
    add(uploads, "u", name, "1");
    EXPECT_EQ(uploads.list().back().size, error(uploads) == 0 ? 1 : 0);
    EXPECT_EQ(uploads.list().back().path.empty(), error(uploads) != 0);
    return error(uploads);
  };
  EXPECT_EQ(error_of("x.php"), 8);
  EXPECT_EQ(error_of("x.PHP"), 8);
  EXPECT_EQ(error_of(".php"), 8);
  EXPECT_EQ(error_of("x.txt"), 0);
  EXPECT_EQ(error_of("noext"), 0);
  EXPECT_EQ(error_of("x.php.txt"), 0);
}

// spec:02#19
TEST_F(HttpUploads, OutsideTheAllowedExtensionsAreErrorEight) {
  const UploadRules rules({.dir = dir_, .forbid = {".exe"}, .allow = {".Txt", ".exe"}});
  EXPECT_FALSE(rules.forbids("a.TXT"));
  EXPECT_TRUE(rules.forbids("a.png"));
  EXPECT_TRUE(rules.forbids("a"));
  EXPECT_TRUE(rules.forbids("a.exe"));
}

TEST_F(HttpUploads, CanBeForbiddenWithoutAnExtension) {
  const UploadRules rules({.dir = dir_, .forbid = {""}, .allow = {}});
  EXPECT_TRUE(rules.forbids("noext"));
  EXPECT_FALSE(rules.forbids("x.txt"));
}

TEST_F(HttpUploads, ThatCannotBeWrittenAreErrorSeven) {
  rlimit old{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old), 0);
  ::signal(SIGXFSZ, SIG_IGN);
  const UploadRules rules({.dir = dir_, .forbid = {}, .allow = {}}, {}, log());
  Uploads uploads(rules);
  rlimit small = old;
  small.rlim_cur = 3;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  add(uploads, "u", "s.txt", "hello");
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old), 0);
  EXPECT_EQ(error(uploads), 7);
  EXPECT_EQ(uploads.list().back().size, 3);
  EXPECT_FALSE(uploads.list().back().path.empty());
}

TEST_F(HttpUploads, BelongToTheUserOfTheWorkers) {
  const UploadRules rules({.dir = dir_, .forbid = {}, .allow = {}}, FileOwner{12345, 54321}, log());
  Uploads uploads(rules);
  add(uploads, "u", "s.txt", "hello");
  if (::geteuid() == 0) {
    struct stat info {};
    ASSERT_EQ(::stat(uploads.list().back().path.c_str(), &info), 0);
    EXPECT_EQ(info.st_uid, 12345);
    EXPECT_EQ(info.st_gid, 54321);
  } else {
    EXPECT_EQ(error(uploads), 7);
    EXPECT_EQ(files(), 0);
    EXPECT_TRUE(uploads.list().back().path.empty());
  }
}

TEST_F(HttpUploads, HaveADefaultFolder) {
  ::setenv("TMPDIR", dir_.c_str(), 1);
  EXPECT_EQ(UploadRules(UploadsConfig{}).dir(), dir_);
  ::unsetenv("TMPDIR");
  EXPECT_EQ(UploadRules(UploadsConfig{}).dir(), "/tmp");
  EXPECT_TRUE(UploadRules({.dir = "rel/", .forbid = {}, .allow = {}}).dir().ends_with("/rel"));
}

TEST_F(HttpUploads, WithANameThatIsFileAndTreeAreRefused) {
  const UploadRules rules({.dir = dir_, .forbid = {}, .allow = {}});
  Uploads uploads(rules);
  add(uploads, "a", "x", "1");
  add(uploads, "a[b]", "y", "1");
  std::string out;
  auto built = uploads.append_json(out);
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().message, "invalid multiple values to key 'a' in tree");
}

}  // namespace
}  // namespace rr::http
