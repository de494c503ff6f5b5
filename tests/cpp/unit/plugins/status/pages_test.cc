// What the status pages say of checks that are told what to find.
#include "runtime/plugins/status/pages.h"

#include <gtest/gtest.h>

namespace rr::status {
namespace {

constexpr int kUnavailable = 599;

class FakeCheck final : public HealthCheck {
 public:
  explicit FakeCheck(std::string name) : name_(std::move(name)) {}
  std::string_view check_name() const override { return name_; }
  Code alive() override { return code; }
  Code ready() override { return code; }
  Code code = std::optional(200);

 private:
  const std::string name_;
};

class Pages : public testing::TestWithParam<Question> {
 protected:
  std::string page(std::string_view query = "") {
    const Checks checks({}, {&a_, &b_});
    const Page said = health_page(checks, GetParam(), query, kUnavailable);
    return std::to_string(said.status) + " " + said.body;
  }
  static std::string entry(const std::string& name, const std::string& error, int code) {
    return R"({"plugin_name":")" + name + R"(","error_message":")" + error + R"(","status_code":)" +
           std::to_string(code) + "}";
  }
  bool asks_for_life() const { return GetParam() == Question::alive; }

  FakeCheck a_{"a"};
  FakeCheck b_{"b"};
};
INSTANTIATE_TEST_SUITE_P(Both, Pages, testing::Values(Question::alive, Question::ready),
                         [](const auto& info) {
                           return info.param == Question::alive ? "health" : "ready";
                         });

// spec:04#59
TEST_P(Pages, AnswerInTheOrderOfTheQuery) {
  EXPECT_EQ(page(), "200 [" + entry("a", "", 200) + "," + entry("b", "", 200) + "]");
  EXPECT_EQ(
      page("plugin=b&plugin=a&plugin=b"),
      "200 [" + entry("b", "", 200) + "," + entry("a", "", 200) + "," + entry("b", "", 200) + "]");
  EXPECT_EQ(page("plugin=a&plugin=rpc"), "200 [" + entry("a", "", 200) + "]");
  EXPECT_EQ(page("plugin=nonexistent"), "200 []");
  EXPECT_EQ(page("plugin=a,b"), "200 []");
  EXPECT_EQ(page("plugin="), "200 []");
  EXPECT_EQ(page("other=b&plugi%6E=%61"), "200 [" + entry("a", "", 200) + "]");
  EXPECT_EQ(page("plugin=%zz"), "200 [" + entry("a", "", 200) + "," + entry("b", "", 200) + "]");
}

// spec:04#64
TEST_P(Pages, CodesUpTo400AreTold) {
  a_.code = std::optional(399);
  EXPECT_EQ(page("plugin=a"), "200 [" + entry("a", "", 399) + "]");
}

// spec:04#64, spec:04#61
TEST_P(Pages, CodesOf500AndAboveSayNo) {
  a_.code = std::optional(503);
  const std::string error = "internal server error, see logs";
  EXPECT_EQ(page(), "599 [" + entry("a", error, kUnavailable) + "," + entry("b", "", 200) + "]");
  EXPECT_EQ(page("plugin=b&plugin=a"),
            "599 [" + entry("b", "", 200) + "," + entry("a", error, kUnavailable) + "]");
}

// spec:04#64
TEST_P(Pages, OtherCodesAreUnexpected) {
  for (const int code : {99, 404, 499}) {
    a_.code = std::optional(code);
    EXPECT_EQ(page("plugin=a"), "200 [" + entry("a", "unexpected status code", code) + "]");
  }
}

// spec:04#64
TEST_P(Pages, ErrorsOfAHealthCheckSayNoForAllAndOfAReadyCheckByName) {
  a_.code = Error(Errc::io, "", "broken");
  EXPECT_EQ(page(), (asks_for_life() ? "599 [" + entry("a", "broken", kUnavailable)
                                     : "200 [" + entry("a", "broken", 500)) +
                        "," + entry("b", "", 200) + "]");
  EXPECT_EQ(page("plugin=a"),
            (asks_for_life() ? "200 [" : "599 [") + entry("a", "broken", 500) + "]");
}

// spec:04#64
TEST_P(Pages, WhatIsNotKnownSaysSo) {
  a_.code = std::optional<int>();
  EXPECT_EQ(page(), "200 [" + entry("a", "plugin is not available, returned nil", kUnavailable) +
                        "," + entry("b", "", 200) + "]");
  EXPECT_EQ(page("plugin=a"), "200 [" + entry("a", "plugin is not available", kUnavailable) + "]");
}

class FakePipelines final : public PipelineHost {
 public:
  std::string_view host_name() const override { return "jobs"; }
  Result<std::vector<PipelineState>> pipelines() override { return states; }
  Result<std::vector<PipelineState>> states = std::vector<PipelineState>{};
};

// spec:04#62
TEST(JobsPage, HasAnEntryForEachPipeline) {
  FakePipelines jobs;
  jobs.states = std::vector<PipelineState>{
      {.pipeline = "q1", .driver = "memory", .queue = "q1", .ready = true, .priority = 13}};
  const Page page = jobs_page({&jobs}, 503);
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.body, R"([{"pipeline":"q1","priority":13,"ready":true,"queue":"q1","active":0,)"
                       R"("delayed":0,"reserved":0,"driver":"memory","error_message":""}])");
}

// spec:04#74
TEST(JobsPage, SaysNoWithoutJobsAndWhereTheirStateIsNotKnown) {
  FakePipelines jobs;
  jobs.states = Error(Errc::io, "", "no broker");
  for (const auto& hosts : {std::vector<PipelineHost*>{}, std::vector<PipelineHost*>{&jobs}}) {
    const Page page = jobs_page(hosts, 503);
    EXPECT_EQ(page.status, 503);
    EXPECT_EQ(page.body, "jobs plugin not found\n");
  }
}

}  // namespace
}  // namespace rr::status
