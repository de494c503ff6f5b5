// The service `app`.
#include "runtime/plugins/app_logger/plugin.h"

#include <gtest/gtest.h>

#include "runtime/plugins/app_logger/messages.h"
#include "tests/cpp/unit/plugins/fake_context.h"

namespace rr::app_logger {
namespace {

class AppLog : public testing::Test {
 protected:
  AppLog() { plugin_.init(context_); }
  std::string call(std::string_view method, RpcCodec codec, std::string_view argument) {
    auto reply = context_.all<RpcService>().front()->call(method, codec, argument);
    return reply ? *reply : "!" + reply.error().text();
  }
  // What the server's stderr gets.
  std::string written(const LogEntry& entry) {
    testing::internal::CaptureStderr();
    EXPECT_EQ(call("LogWithContext", RpcCodec::proto, message::to_protobuf(entry)), "");
    return testing::internal::GetCapturedStderr();
  }

  FakeContext context_;
  AppLoggerPlugin plugin_;
};

// spec:04#57
TEST_F(AppLog, EachLevelIsARecordOfItsOwn) {
  for (const char* method : {"Error", "Warning", "Info", "Debug"}) {
    EXPECT_EQ(call(method, RpcCodec::json, "\"m\""), "false");
    EXPECT_EQ(call(std::string(method) + "WithContext", RpcCodec::proto,
                   message::to_protobuf(LogEntry{"c", {{"k", "v"}}})),
              "");
  }
  std::vector<std::string> expected;
  for (int i = 0; i < 4; ++i) {
    expected.emplace_back("app: m");
    expected.emplace_back("app: c");
  }
  EXPECT_EQ(context_.logged(), expected);
}

// spec:04#58
TEST_F(AppLog, TextsForStderrEndWithOneNewline) {
  EXPECT_EQ(written({"hello", {}}), "hello\n");
  EXPECT_EQ(written({"hello\n", {}}), "hello\n");
  EXPECT_EQ(written({"", {}}), "\n");
  EXPECT_EQ(written({"m", {{"k1", "v1"}, {"k2", "v2"}}}), "m k1:v1,k2:v2\n");
  EXPECT_EQ(written({"m\n", {{"s", "w"}}}), "m\n s:w\n");
  EXPECT_TRUE(context_.logged().empty());
}

// spec:04#75
TEST_F(AppLog, KeepsTheLastCharacterOfTheLastValue) {
  EXPECT_EQ(written({"m", {{"k", "value"}}}), "m k:value\n");
}

TEST_F(AppLog, TakesJsonForMessagesToo) {
  EXPECT_EQ(call("InfoWithContext", RpcCodec::json,
                 R"({"message":"json","log_attrs":[{"key":"a","value":"b"}]})"),
            "{}");
  EXPECT_EQ(call("InfoWithContext", RpcCodec::json, "\"x\"").front(), '!');
  EXPECT_EQ(context_.logged(), std::vector<std::string>{"app: json"});
}

TEST_F(AppLog, OtherLevelsAreNoMethods) {
  for (const char* method : {"Emergency", "Critical", "Notice"}) {
    EXPECT_EQ(
        context_.all<RpcService>().front()->call(method, RpcCodec::json, "\"x\"").error().code,
        Errc::not_found);
  }
}

}  // namespace
}  // namespace rr::app_logger
