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

TEST_F(LogSystem, OpensRenamedFilesAnewAndLosesNothing) {
  System system(config_);
  const Logger log = system.logger("http");
  log.info("one");
  fs::rename(folder_ / "a.log", folder_ / "a.log.1");
  log.info("two");
  system.reopen();
  system.flush();
  log.info("three");
  system.flush();
  EXPECT_EQ(content("a.log.1"), "one\ntwo\n");
  EXPECT_EQ(content("a.log"), "three\n");
}

TEST_F(LogSystem, KeepsTheOldFileWhenItCannotBeOpenedAnew) {
  config_.output = {path("logs/a.log")};
  config_.err_output = {path("errors")};
  fs::create_directory(folder_ / "logs");
  System system(config_);
  fs::rename(folder_ / "logs", folder_ / "old");
  system.reopen();
  system.logger("http").info("one");
  system.flush();
  EXPECT_EQ(content("old/a.log"), "one\n");
  EXPECT_EQ(content("errors"),
            "open " + path("logs/a.log") +
                ": no such file or directory; going on with the file that was open\n");
}

TEST_F(LogSystem, LevelsChangeWhileItRuns) {
  ChannelConfig quiet;
  quiet.mode = "raw";
  quiet.level = "error";
  quiet.output = {path("q.log")};
  config_.channels["quiet"] = quiet;
  System system(config_);
  const Logger log = system.logger("http");
  const Logger channel = system.logger("quiet");
  log.debug("hidden");
  channel.info("hidden");

  config_.level = "debug";
  config_.channels["quiet"].level = "info";
  system.apply(config_);
  EXPECT_TRUE(log.enabled(Level::debug));
  log.debug("seen");
  channel.info("seen");
  system.logger("new").debug("seen too");
  system.flush();
  EXPECT_EQ(content("a.log"), "seen\nseen too\n");
  EXPECT_EQ(content("q.log"), "seen\n");
}

TEST_F(LogSystem, EverythingElseChangesToo) {
  System system(config_);
  const Logger log = system.logger("http");
  log.info("before");
  config_.mode = "development";
  config_.encoding = "json";
  config_.output = {path("b.log")};
  ChannelConfig own;
  own.mode = "raw";
  own.output = {path("own.log")};
  config_.channels["own"] = own;
  const Logger own_log = system.logger("own");
  system.apply(config_);
  system.flush();
  log.info("after");
  own_log.info("mine");
  system.flush();
  EXPECT_EQ(content("a.log"), "before\n");
  EXPECT_NE(content("b.log").find("\"msg\":\"after\""), std::string::npos);
  EXPECT_EQ(content("own.log"), "mine\n");

  config_.channels.clear();
  config_.mode = "none";
  system.apply(config_);
  EXPECT_FALSE(own_log.enabled(Level::error));
}

TEST_F(LogSystem, AConfigurationThatCannotBeUsedChangesNothing) {
  System system(config_);
  LogsConfig wrong = config_;
  wrong.level = "debug";
  wrong.output = {path("b.log"), "/no/dir/x.log"};
  EXPECT_THROW(system.apply(wrong), ConfigError);
  const Logger log = system.logger("http");
  EXPECT_FALSE(log.enabled(Level::debug));
  log.info("still here");
  system.flush();
  EXPECT_EQ(content("a.log"), "still here\n");
}

TEST_F(LogSystem, LosesNoLineWhileFilesAndSettingsChange) {
  constexpr int kThreads = 3, kLines = 5000;
  {
    System system(config_);
    std::atomic<int> running{kThreads};
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        const Logger log = system.logger("t" + std::to_string(t));
        for (int i = 0; i < kLines; ++i) log.info("x");
        --running;
      });
    }
    for (int n = 0; running > 0; ++n) {
      fs::rename(folder_ / "a.log", folder_ / ("a.log." + std::to_string(n)));
      config_.level = n % 2 == 0 ? "info" : "debug";
      if (n % 3 == 0) {
        system.apply(config_);
      } else {
        system.reopen();
      }
      system.flush();
    }
    for (std::thread& thread : threads) thread.join();
  }
  int lines = 0;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) {
      EXPECT_EQ(line, "x");
      ++lines;
    }
  }
  EXPECT_EQ(lines, kThreads * kLines);
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
