#include "runtime/cli/detect.h"

#include <fstream>

#include <gtest/gtest.h>

#include "runtime/cli/templates.h"
#include "runtime/core/config/yaml.h"

namespace rr::cli {
namespace {

namespace fs = std::filesystem;

class Detection : public testing::Test {
 protected:
  Detection() {
    std::string name = (fs::temp_directory_path() / "rr-detect-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~Detection() override { fs::remove_all(folder_); }

  void file(const std::string& name, const std::string& text = "<?php\n") {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }

  fs::path folder_;
};

TEST_F(Detection, FindsLaravel) {
  file("artisan");
  file("bootstrap/app.php");
  file("public/index.php");
  const auto found = detect(folder_);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kind, Kind::laravel);
  EXPECT_EQ(found->script, folder_ / "public/index.php");
}

TEST_F(Detection, FindsSymfony) {
  file("bin/console");
  file("config/bundles.php");
  file("public/index.php");
  EXPECT_EQ(detect(folder_)->kind, Kind::symfony);
}

TEST_F(Detection, FindsAWorkerScript) {
  file("a.php");
  file("psr-worker.php", "<?php\nuse Spiral\\RoadRunner\\Http\\PSR7Worker;\n");
  file("index.php");
  EXPECT_EQ(detect(folder_)->kind, Kind::worker);
  EXPECT_EQ(detect(folder_)->script, folder_ / "psr-worker.php");
}

TEST_F(Detection, FindsAnIndex) {
  EXPECT_FALSE(detect(folder_));
  file("index.php");
  EXPECT_EQ(detect(folder_)->script, folder_ / "index.php");
  file("public/index.php");
  EXPECT_EQ(detect(folder_)->script, folder_ / "public/index.php");
}

TEST_F(Detection, WritesConfigurationsThatLoad) {
  for (const char* name : {"index.php", "my $app \"x\".php"}) {
    const Application application{Kind::entrance, folder_ / name, ""};
    const config::Node synthetic = config::parse_yaml(synthetic_config(application), "x");
    EXPECT_EQ(synthetic.find("server.command")->list().at(1).text(), (folder_ / name).string());
    const config::Node commented = config::parse_yaml(commented_config(application, folder_), "x");
    EXPECT_EQ(commented.find("http.pool.mode")->text(), "classic");
    EXPECT_EQ(commented.find("http.address")->text(), "127.0.0.1:8080");
  }
}

}  // namespace
}  // namespace rr::cli
