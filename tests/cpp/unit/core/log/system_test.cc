#include "runtime/core/log/system.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>

namespace rr::log {
namespace {

namespace fs = std::filesystem;

class LogSystem : public testing::Test {
 protected:
  LogSystem() {
    std::string name = (fs::temp_directory_path() / "rr-log-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    config_.mode = "raw";
    config_.level = "info";
    config_.output = {path("a.log")};
  }
  ~LogSystem() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string content(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(folder_ / name).rdbuf();
    return text.str();
  }

  fs::path folder_;
  LogsConfig config_;
};

TEST_F(LogSystem, WritesWhatIsLeftWhenItEnds) {
  {
    System system(config_);
    const Logger log = system.logger("http");
    log.info("one", kv("n", 1));
    log.debug("hidden");
  }
  EXPECT_EQ(content("a.log"), "one\t{\"n\": 1}\n");
}

TEST_F(LogSystem, HasWrittenEverythingAfterAFlush) {
  System system(config_);
  system.logger("http").info("one");
  system.flush();
  EXPECT_EQ(content("a.log"), "one\n");
}

// spec:05#37
TEST_F(LogSystem, WritesToAllOutputsAndAppends) {
  std::ofstream(folder_ / "a.log") << "before\n";
  config_.output = {path("a.log"), path("b.log")};
  { System(config_).logger("x").info("m"); }
  EXPECT_EQ(content("a.log"), "before\nm\n");
  EXPECT_EQ(content("b.log"), "m\n");
}

// spec:05#36
TEST_F(LogSystem, AChannelInheritsNothing) {
  config_.mode = "none";
  ChannelConfig http;
  http.mode = "production";
  http.output = {path("h.log")};
  config_.channels["http"] = http;
  {
    System system(config_);
    system.logger("http").info("seen");
    system.logger("http").debug("below info");
    system.logger("server").error("nowhere");
  }
  EXPECT_NE(content("h.log").find("\"msg\":\"seen\""), std::string::npos);
  EXPECT_EQ(content("h.log").find("below info"), std::string::npos);
  EXPECT_FALSE(fs::exists(folder_ / "a.log"));
}

// spec:05#37
TEST_F(LogSystem, RefusesOutputsAndEncodingsItCannotUse) {
  const auto failure = [&] {
    try {
      System system(config_);
    } catch (const ConfigError& e) {
      return std::string(e.what());
    }
    return std::string("no error");
  };
  config_.output = {"/no/dir/x.log"};
  EXPECT_EQ(failure(),
            "config_plugin_init: open sink \"/no/dir/x.log\": open /no/dir/x.log: no such file or "
            "directory");
  config_.output = {"ftp://x/y"};
  EXPECT_EQ(failure(),
            "config_plugin_init: open sink \"ftp://x/y\": no sink found for scheme \"ftp\"");
  config_.output = {"stderr"};
  config_.encoding = "xml";
  EXPECT_EQ(failure(), "config_plugin_init: no encoder registered for name \"xml\"");
}

TEST_F(LogSystem, KeepsTheOrderOfEachThread) {
  constexpr int kThreads = 4, kLines = 20000;
  {
    System system(config_);
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        const Logger log = system.logger("t");
        for (int i = 0; i < kLines; ++i)
          log.info(std::to_string(t), kv("i", i), kv("text", std::string(50, 'x')));
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  std::ifstream lines(folder_ / "a.log");
  std::array<int, kThreads> next{};
  std::string line;
  while (std::getline(lines, line)) {
    const int thread = line[0] - '0';
    ASSERT_EQ(line.substr(2, line.find(',') - 2), "{\"i\": " + std::to_string(next.at(thread)++));
  }
  for (const int count : next) EXPECT_EQ(count, kLines);
}

// spec:05#37 spec:05#46
TEST_F(LogSystem, RenamesAFullFileAndKeepsTheNewestOnes) {
  FileConfig file;
  file.log_output = path("logs/f.log");
  file.max_size.count = 1;
  file.max_backups = 2;
  config_.file_logger_options = file;
  {
    System system(config_);
    const Logger log = system.logger("app");
    for (int i = 0; i < 50; ++i) log.info(std::string(100'000, 'x'));
  }
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(folder_ / "logs")) {
    ++files;
    EXPECT_LE(entry.file_size(), 1U << 20);
  }
  EXPECT_EQ(files, 3U);
}

}  // namespace
}  // namespace rr::log
