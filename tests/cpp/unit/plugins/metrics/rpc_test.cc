// The service `metrics` over a registry.
#include "runtime/plugins/metrics/rpc.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cpp/unit/plugins/fake_context.h"
#include "tests/cpp/unit/plugins/metrics/text.h"

namespace rr::metrics {
namespace {

using testing::ElementsAre;

class MetricsCalls : public testing::Test {
 protected:
  std::string call(std::string_view method, std::string_view argument,
                   RpcCodec codec = RpcCodec::json) {
    auto reply = rpc_.call(method, codec, argument);
    return reply ? *reply : "!" + reply.error().text();
  }
  std::string declare(const std::string& name, const std::string& collector) {
    return call("Declare", R"({"name":")" + name + R"(","collector":)" + collector + "}");
  }
  std::vector<std::string> shown(Comments comments = Comments::no) const {
    return lines_of(registry_.collect(), comments);
  }

  FakeContext context_;
  Registry registry_;
  MetricsRpc rpc_{registry_, context_.logger("metrics")};
};

// spec:04#50
TEST_F(MetricsCalls, ADeclaredCollectorIsFoundByItsShortName) {
  EXPECT_EQ(declare("n", R"({"namespace":"default","subsystem":"sub","type":"counter",)"
                         R"("help":"A\ncounter","labels":[],"buckets":[]})"),
            "true");
  EXPECT_EQ(call("Add", R"({"name":"n","value":7,"labels":[]})"), "true");
  EXPECT_THAT(shown(Comments::yes), ElementsAre("# HELP default_sub_n A\\ncounter",
                                                "# TYPE default_sub_n counter", "default_sub_n 7"));
  EXPECT_EQ(call("Add", R"({"name":"default_sub_n","value":1})"),
            "!metrics_plugin_add: undefined collector default_sub_n, try first Declare the "
            "desired collector");
}

// spec:04#53
TEST_F(MetricsCalls, ASecondDeclareChangesNothing) {
  EXPECT_EQ(declare("n", R"({"type":"counter"})"), "true");
  EXPECT_EQ(call("Add", R"({"name":"n","value":3})"), "true");
  EXPECT_EQ(declare("n", R"({"type":"gauge","namespace":"other"})"), "true");
  EXPECT_THAT(shown(), ElementsAre("n 3"));
  EXPECT_EQ(context_.logged(),
            std::vector<std::string>{"metrics: metric with provided name already exist"});
}

// spec:04#53
TEST_F(MetricsCalls, AnUnregisteredOneIsGoneAndMayBeDeclaredAnew) {
  EXPECT_EQ(declare("n", R"({"type":"counter"})"), "true");
  EXPECT_EQ(call("Add", R"({"name":"n","value":3})"), "true");
  const auto kept = registry_.find("n");
  EXPECT_EQ(call("Unregister", "\"n\""), "true");
  EXPECT_TRUE(kept->add(1));
  EXPECT_THAT(shown(), ElementsAre());
  EXPECT_EQ(call("Unregister", "\"n\""), "!metrics_plugin_unregister: undefined collector n");
  EXPECT_EQ(declare("n", R"({"type":"gauge"})"), "true");
  EXPECT_THAT(shown(), ElementsAre("n 0"));
}

// spec:04#69
TEST_F(MetricsCalls, NothingThatCannotBeIsDeclared) {
  EXPECT_EQ(declare("x", R"({"type":"meter"})"),
            "!metrics_plugin_declare: unknown collector type meter");
  EXPECT_EQ(declare("x", R"({"type":"histogram","buckets":[2,1]})"),
            "!metrics_plugin_declare: histogram buckets must be in increasing order");
  EXPECT_EQ(declare("", R"({"type":"gauge","help":"h"})"),
            "!metrics_plugin_declare: descriptor Desc{fqName: \"\", help: \"h\", constLabels: {}, "
            "variableLabels: {}} is invalid: \"\" is not a valid metric name");
  for (const char* collector : {
           R"({"type":"gauge","labels":["a","a"]})",
           R"({"type":"gauge","labels":[""]})",
           R"({"type":"gauge","labels":["__a"]})",
           R"({"type":"gauge","labels":["a.b","a b"]})",
           R"({"type":"histogram","labels":["le"]})",
           R"({"type":"summary","labels":["quantile"]})",
           R"({"type":"summary","objectives":{"1.5":0.1}})",
           R"({"type":"summary","objectives":{"x":0.1}})",
           R"({"type":5})",
           R"({"type":"gauge","labels":"a"})",
       }) {
    EXPECT_EQ(declare("x", collector).front(), '!') << collector;
  }
  EXPECT_THAT(shown(), ElementsAre());
}

TEST_F(MetricsCalls, FullNamesAreTakenOnce) {
  ASSERT_TRUE(registry_.declare_own({.name = "rr_http_request_total", .labels = {"status"}}));
  EXPECT_EQ(declare("app_c", R"({"type":"counter","help":"one"})"), "true");
  EXPECT_EQ(declare("c", R"({"type":"counter","namespace":"app","help":"one"})"),
            "!metrics_plugin_declare: duplicate metrics collector registration attempted");
  EXPECT_EQ(declare("c", R"({"type":"gauge","namespace":"app","help":"two"})"),
            "!metrics_plugin_declare: a previously registered descriptor with the same "
            "fully-qualified name as Desc{fqName: \"app_c\", help: \"two\", constLabels: {}, "
            "variableLabels: {}} has different label names or a different help string");
  EXPECT_EQ(declare("rr_http_request_total", R"({"type":"gauge"})").front(), '!');
  EXPECT_EQ(call("Unregister", "\"rr_http_request_total\"").front(), '!');
  EXPECT_EQ(declare("app.bad name", R"({"type":"gauge"})"), "true");
  EXPECT_EQ(declare("app_bad_name", R"({"type":"gauge"})").front(), '!');
  EXPECT_EQ(declare("1ä:", R"({"type":"gauge"})"), "true");
  EXPECT_THAT(shown(), ElementsAre("__: 0", "app_bad_name 0", "app_c 0"));
}

// spec:04#7
TEST_F(MetricsCalls, ProtobufIsNoCodecAndNothingIsAnEmptyMetric) {
  const std::string undefined =
      "!metrics_plugin_add: undefined collector , try first Declare the desired collector";
  EXPECT_EQ(call("Add",
                 "\n\x01"
                 "a",
                 RpcCodec::proto),
            "!goridge_read_request_body: message type is not a proto");
  EXPECT_EQ(call("Add", "", RpcCodec::proto), undefined);
  EXPECT_EQ(call("Add", ""), undefined);
  EXPECT_EQ(call("Add", "null"), undefined);
}

TEST_F(MetricsCalls, ArgumentsOfAnotherKindAreErrors) {
  EXPECT_EQ(declare("g", R"({"type":"gauge"})"), "true");
  for (const char* argument : {"5", R"({"name":5})", R"({"name":"g","value":"1"})",
                               R"({"name":"g","labels":"x"})", R"({"name":"g","labels":[1]})"}) {
    EXPECT_EQ(call("Set", argument).substr(0, 7), "!json: ") << argument;
  }
  EXPECT_EQ(call("Set", R"({"name":"g","value":null,"labels":null})"), "true");
}

}  // namespace
}  // namespace rr::metrics
