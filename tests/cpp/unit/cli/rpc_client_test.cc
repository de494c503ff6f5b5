#include "runtime/cli/rpc_client.h"

#include <gtest/gtest.h>

#include "tests/cpp/unit/cli/scripted_server.h"

namespace rr::cli {
namespace {

TEST(RpcClient, GetsResultsAndErrorsOfItsCalls) {
  ScriptedServer server([](std::string_view method, std::string_view body) {
    if (method == "resetter.List")
      return std::pair(goridge::flag::codec_json, std::string(R"(["http"])"));
    return std::pair(static_cast<std::uint8_t>(goridge::flag::codec_json | goridge::flag::error),
                     "no such plugin: " + std::string(body));
  });
  RpcClient client("unix://" + server.path());
  EXPECT_EQ(client.call("resetter.List", true), nlohmann::json::array({"http"}));
  const std::uint32_t sequence = client.send("resetter.Reset", "x");
  const RpcClient::Reply reply = client.receive();
  EXPECT_EQ(reply.sequence, sequence);
  EXPECT_EQ(reply.error, "no such plugin: \"x\"");
}

// spec:05#25
TEST(Reset, PrintsTwoLinesForEachPlugin) {
  ScriptedServer server([](std::string_view method, std::string_view) {
    return std::pair(goridge::flag::codec_json,
                     std::string(method == "resetter.List" ? R"(["http"])" : "true"));
  });
  Invocation invocation;
  invocation.globals.config = "/no/such/file.yaml";
  invocation.globals.overrides = {"rpc.listen=unix://" + server.path()};
  testing::internal::CaptureStderr();
  EXPECT_EQ(run_reset(invocation), 0);
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find(" resetting plugin: [http] \n"), std::string::npos) << text;
  EXPECT_NE(text.find(" plugin reset: [http]\n"), std::string::npos) << text;
}

// spec:05#24
TEST(Reset, IsSilentWhenAskedTo) {
  ScriptedServer server([](std::string_view, std::string_view) {
    return std::pair(goridge::flag::codec_json, std::string("true"));
  });
  Invocation invocation;
  invocation.globals.config = "/no/such/file.yaml";
  invocation.globals.silent = true;
  invocation.globals.overrides = {"rpc.listen=unix://" + server.path()};
  invocation.arguments = {"http"};
  testing::internal::CaptureStderr();
  EXPECT_EQ(run_reset(invocation), 0);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Reset, FailsWhenAPluginWasNotReset) {
  ScriptedServer server([](std::string_view, std::string_view) {
    return std::pair(static_cast<std::uint8_t>(goridge::flag::codec_json | goridge::flag::error),
                     std::string("no such plugin"));
  });
  Invocation invocation;
  invocation.globals.config = "/no/such/file.yaml";
  invocation.globals.silent = true;
  invocation.globals.overrides = {"rpc.listen=unix://" + server.path()};
  invocation.arguments = {"nosuch"};
  testing::internal::CaptureStderr();
  EXPECT_EQ(run_reset(invocation), 1);
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "plugin [nosuch] was not reset: no such plugin\n");
}

}  // namespace
}  // namespace rr::cli
