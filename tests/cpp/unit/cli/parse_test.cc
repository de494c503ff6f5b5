#include "runtime/cli/parse.h"

#include <gtest/gtest.h>

#include "runtime/cli/help.h"
#include "runtime/core/version.h"

namespace rr::cli {
namespace {

using Words = std::vector<std::string>;

std::string failure(const Words& words) {
  try {
    parse(words);
  } catch (const ConfigError& e) {
    return e.what();
  }
  return "no error";
}

// spec:05#19
TEST(CommandLine, TakesFlagsBeforeAndBehindTheCommand) {
  const Parsed parsed = parse({"-c", "none.yaml", "serve", "--config=x.yaml", "-ologs.mode=none",
                               "--override=endure.x=1", "-sp", "-o", "-a=b"});
  ASSERT_NE(parsed.command, nullptr);
  EXPECT_EQ(parsed.command->name, "serve");
  EXPECT_EQ(parsed.globals.config, "x.yaml");
  EXPECT_EQ(parsed.globals.overrides, (Words{"logs.mode=none", "endure.x=1", "-a=b"}));
  EXPECT_TRUE(parsed.globals.silent);
  EXPECT_TRUE(parsed.globals.pid);
  EXPECT_TRUE(parsed.arguments.empty());
}

// spec:05#42
TEST(CommandLine, TakesOctanesLine) {
  const Parsed parsed =
      parse({"-c", "/b/.rr.yaml", "-o", "version=3", "-o", "http.address=127.0.0.1:8000", "-o",
             "server.command=/usr/bin/php,/b/vendor/bin/roadrunner-worker", "-o",
             "http.pool.supervisor.exec_ttl=30s", "-o", "http.middleware=static", "serve"});
  EXPECT_EQ(parsed.command->name, "serve");
  EXPECT_EQ(parsed.globals.overrides.size(), 5U);
  EXPECT_EQ(parsed.globals.overrides[2],
            "server.command=/usr/bin/php,/b/vendor/bin/roadrunner-worker");
}

TEST(CommandLine, KeepsAnEmptyValue) {
  EXPECT_EQ(parse({"serve", "-o", ""}).globals.overrides, Words{""});
}

TEST(CommandLine, GivesACommandItsArguments) {
  EXPECT_EQ(parse({"reset", "http", "-c", "x", "-s", "jobs"}).arguments, (Words{"http", "jobs"}));
  EXPECT_EQ(parse({"serve", "public"}).arguments, Words{"public"});
}

TEST(CommandLine, HasRoadRunnersWordsForWhatItDoesNotKnow) {
  EXPECT_EQ(failure({"foobar"}), "unknown command \"foobar\" for \"rr\"");
  EXPECT_EQ(failure({"serv"}),
            "unknown command \"serv\" for \"rr\"\n\nDid you mean this?\n\tserve\n");
  EXPECT_EQ(failure({"s"}),
            "unknown command \"s\" for \"rr\"\n\nDid you mean this?\n\tserve\n\tstack\n\tstop\n");
  EXPECT_EQ(failure({"serve", "--nope"}), "unknown flag: --nope");
  EXPECT_EQ(failure({"serve", "--nope=1"}), "unknown flag: --nope");
  EXPECT_EQ(failure({"-z"}), "unknown shorthand flag: 'z' in -z");
  EXPECT_EQ(failure({"serve", "-zx"}), "unknown shorthand flag: 'z' in -zx");
  EXPECT_EQ(failure({"reset", "-i"}), "unknown shorthand flag: 'i' in -i");
  EXPECT_EQ(failure({"serve", "-o"}), "flag needs an argument: 'o' in -o");
  EXPECT_EQ(failure({"stop", "--config"}), "flag needs an argument: --config");
}

// spec:05#18
TEST(VersionLine, IsWhatToolsParse) {
  const testing::internal::RE pattern(
      "^rr version [0-9]+\\.[0-9]+\\.[0-9]+ \\(build time: .+\\), OS: [a-z]+, arch: [a-z0-9]+$");
  EXPECT_TRUE(testing::internal::RE::FullMatch(version_line(), pattern)) << version_line();
}

TEST(HelpPage, NamesCommandsAndFlags) {
  const std::string page = help_page(nullptr);
  for (const char* part : {"Usage:", "Available Commands:", "\n  reset ", "\n  serve ", "\n  stop ",
                           "Flags:", "-w, --WorkDir", "-o, --override", "-v, --version"}) {
    EXPECT_NE(page.find(part), std::string::npos) << part;
  }
}

}  // namespace
}  // namespace rr::cli
