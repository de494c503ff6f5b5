// Which plugins there are, in which order they come and go (spec 05 §8.1).
#include "runtime/app/container.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/app/serve.h"
#include "runtime/core/log/config.h"

namespace rr::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// What the plugins did, in order.
std::vector<std::string>& history() {
  static std::vector<std::string> all;
  return all;
}
std::string failing;              // the plugin whose serve() fails
std::string failure = "no luck";  // how

struct Greeting {};

template <char Name>
class Fake : public Plugin {
 public:
  void init(Context& context) override {
    note("init");
    context.provide(greeting_);
  }
  Result<void> serve() override {
    note("serve");
    if (failing == std::string(1, Name)) return Error(Errc::io, "", failure);
    return {};
  }
  void refuse() override { note("refuse"); }
  void stop(TimePoint) override { note("stop"); }

 private:
  static void note(const std::string& what) { history().push_back(what + " " + Name); }
  Greeting greeting_;
};

class ContainerTest : public ::testing::Test {
 protected:
  ContainerTest() {
    history().clear();
    failing.clear();
    failure = "no luck";
  }
  config::Config configured(const std::string& sections) {
    config::Source source;
    source.text = "version: '3'\n" + sections;
    return config::load(source);
  }
  static log::LogsConfig silent() {
    log::LogsConfig logs;
    logs.mode = "none";
    return logs;
  }

  PluginRegistry registry;
  log::System logs{silent()};
};

TEST_F(ContainerTest, PluginsComeBehindWhatTheyNeedAndGoTheOtherWayRound) {
  registry.add<Fake<'c'>>("c", "c", {"b"}, {"d"});
  registry.add<Fake<'b'>>("b", "b", {"a"});
  registry.add<Fake<'d'>>("d", "d");
  registry.add<Fake<'a'>>("a", "");
  auto config = configured("c: {}\nb: {}\nd: {}");
  Container container(config, logs);
  container.init(registry);
  container.serve();
  EXPECT_THAT(history(), ElementsAre("init d", "init a", "init b", "init c", "serve d", "serve a",
                                     "serve b", "serve c"));
  EXPECT_EQ(container.all<Greeting>().size(), 4U);
  history().clear();
  container.stop(Clock::now());
  // Nobody takes work any more before the first one stops.
  EXPECT_THAT(history(), ElementsAre("refuse d", "refuse a", "refuse b", "refuse c", "stop c",
                                     "stop b", "stop a", "stop d"));
}

TEST_F(ContainerTest, WithoutItsSectionAPluginIsNotMade) {
  registry.add<Fake<'a'>>("a", "a");
  registry.add<Fake<'b'>>("b", "b", {}, {"a"});
  auto config = configured("a:\nb: {}");
  Container container(config, logs);
  container.init(registry);
  EXPECT_THAT(history(), ElementsAre("init b"));
}

// spec:05#16
TEST_F(ContainerTest, WhatNeedsSomethingThatIsNotThereIsLeftOutWithAWord) {
  registry.add<Fake<'a'>>("a", "a", {"server"});
  registry.add<Fake<'b'>>("b", "b", {"a"});
  registry.add<Fake<'c'>>("c", "c");
  auto config = configured("a: {}\nb: {}\nc: {}");
  Container container(config, logs);
  container.init(registry);
  EXPECT_THAT(history(), ElementsAre("init c"));
  const auto warnings = config.take_warnings();
  ASSERT_EQ(warnings.size(), 2U);
  EXPECT_THAT(warnings[0].text, HasSubstr("it needs a section `server`"));
  EXPECT_THAT(warnings[1].text, HasSubstr("it needs a section `a`"));
}

// spec:05#41
TEST_F(ContainerTest, AfterAServeThatFailsOnlyThoseThatWereCalledAreStopped) {
  registry.add<Fake<'a'>>("a", "");
  registry.add<Fake<'b'>>("b", "", {"a"});
  registry.add<Fake<'c'>>("c", "", {"b"});
  failing = "b";
  auto config = configured("");
  Container container(config, logs);
  container.init(registry);
  history().clear();
  try {
    container.serve();
    ADD_FAILURE() << "it serves";
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("serve error from the plugin *b.Plugin stopping"),
                                    HasSubstr("no luck")));
  }
  container.stop(Clock::now());
  EXPECT_THAT(history(),
              ElementsAre("serve a", "serve b", "refuse a", "refuse b", "stop b", "stop a"));
}

// spec:05#51
TEST_F(ContainerTest, AnAddressThatIsTakenIsSaidInWordsOfItsOwn) {
  registry.add<Fake<'a'>>("a", "");
  failing = "a";
  failure = "listen tcp 127.0.0.1:1: bind: address already in use";
  auto config = configured("");
  Container container(config, logs);
  container.init(registry);
  try {
    container.serve();
    ADD_FAILURE() << "it serves";
  } catch (const PluginFailed& error) {
    EXPECT_STREQ(error.what(),
                 "error: listen tcp 127.0.0.1:1: bind: address already in use\nplugin: *a.Plugin");
  }
  container.stop(Clock::now());
}

TEST_F(ContainerTest, TheGraphHasAnArrowForEachNeed) {
  registry.add<Fake<'a'>>("a", "");
  registry.add<Fake<'b'>>("b", "", {"a"}, {"c"});
  registry.add<Fake<'c'>>("c", "");
  auto config = configured("");
  Container container(config, logs);
  container.init(registry);
  EXPECT_THAT(container.graph(),
              AllOf(HasSubstr("\"b\" -> \"a\";"), HasSubstr("\"b\" -> \"c\" [style=dashed];")));
}

}  // namespace
}  // namespace rr::app
