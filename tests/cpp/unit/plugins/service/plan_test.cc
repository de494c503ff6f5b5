// How a service's settings become a command and an environment.
#include "runtime/plugins/service/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rr::service {
namespace {

using testing::Contains;
using testing::ElementsAre;

class Plan : public testing::Test {
 protected:
  Result<pool::LaunchPlan> plan(ServiceConfig config) {
    return make_plan(config, {{"HOME", "/home/x"}, {"LOW", "1"}}, reaper_);
  }
  std::string refusal(const std::string& command, const std::string& user = "") {
    ServiceConfig config;
    config.command = command;
    config.user = user;
    auto made = plan(config);
    return made ? "" : made.error().text();
  }
  pool::Reaper reaper_ = std::move(pool::Reaper::start()).value();
};

TEST_F(Plan, CommandsAreSplitOnSingleBlanksWithoutQuotes) {
  EXPECT_THAT(split_command("sh -c 'a b'"), ElementsAre("sh", "-c", "'a", "b'"));
  EXPECT_THAT(split_command("a  b"), ElementsAre("a", "", "b"));
  EXPECT_THAT(split_command(""), ElementsAre());
}

// spec:04#39
TEST_F(Plan, NamesOfVariablesBecomeUpperCaseAndValuesAreExpanded) {
  ServiceConfig config;
  config.command = "sh x";
  config.env.variables = {{"foo", "BAR"}, {"home2", "${HOME}/y"}, {"low", "$LOW$NOPE"}};
  const auto made = plan(config);
  ASSERT_TRUE(made);
  EXPECT_THAT(made.value().environment,
              testing::UnorderedElementsAre("FOO=BAR", "HOME=/home/x", "HOME2=/home/x/y", "LOW=1"));
  EXPECT_THAT(shown_command(made.value()), testing::EndsWith("/sh x"));
}

// spec:04#43
TEST_F(Plan, WhatCannotBeStartedIsSaidInRoadRunnersWords) {
  EXPECT_EQ(refusal(""), "exec: no command");
  EXPECT_EQ(refusal("no-such-binary-here x"),
            "exec: \"no-such-binary-here\": executable file not found in $PATH");
  EXPECT_EQ(refusal("sleep 5", "nosuchuserhere"), "user: unknown user nosuchuserhere");
}

}  // namespace
}  // namespace rr::service
