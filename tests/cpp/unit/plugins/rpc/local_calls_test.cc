// Calls from inside the server.
#include "runtime/plugins/rpc/local_calls.h"

#include <chrono>
#include <future>

#include <gtest/gtest.h>

#include "tests/cpp/unit/plugins/rpc/echo_service.h"

namespace rr::rpc {
namespace {

using namespace std::chrono_literals;

constexpr unsigned kJson = 0x08;

class RpcLocalCalls : public testing::Test {
 protected:
  RpcLocalCalls() { control_.start(); }
  ~RpcLocalCalls() override {
    echo_.open();
    calls_.stop(Clock::now() + 30s);
    control_.stop();
  }
  std::future<Result<std::string>> begin(const std::string& method, const std::string& argument) {
    auto promise = std::make_shared<std::promise<Result<std::string>>>();
    calls_.begin(method, kJson, argument,
                 [promise](Result<std::string> result) { promise->set_value(std::move(result)); });
    return promise->get_future();
  }

  EchoService echo_;
  Control control_;
  LocalCalls calls_;
};

TEST_F(RpcLocalCalls, AnswersAtOnceWhatDoesNotWait) {
  calls_.serve(control_, {&echo_});
  EXPECT_EQ(calls_.call_at_once("echo.Quick", kJson, "true").value().value(), "true");
  EXPECT_FALSE(calls_.call_at_once("echo.Text", kJson, "\"a\""));
  EXPECT_EQ(calls_.call_at_once("nosuch.Text", kJson, "\"a\"")->error().text(),
            "rpc: can't find service nosuch.Text");
  EXPECT_EQ(calls_.call_at_once("echo.Quick", 0, "")->error().text(),
            "goridge_read_request_body: unknown decoder used in frame");
}

TEST_F(RpcLocalCalls, RunsTheOthersOnAThreadOfTheirOwn) {
  calls_.serve(control_, {&echo_});
  auto waits = begin("echo.Wait", "true");
  auto text = begin("echo.Text", "\"a\"");
  EXPECT_EQ(text.get().value(), "\"a\"");
  echo_.until_waiting(1);
  EXPECT_EQ(waits.wait_for(0s), std::future_status::timeout);
  echo_.open();
  EXPECT_EQ(waits.get().value(), "\"waited\"");
  EXPECT_EQ(begin("echo.Fail", "\"why\"").get().error().text(), "why");
  EXPECT_EQ(begin("echo.Throw", "true").get().error().text(), "thrown");
}

TEST_F(RpcLocalCalls, SaysThatTheServerIsNotThere) {
  EXPECT_EQ(calls_.call_at_once("echo.Quick", kJson, "true")->error().code, Errc::stopped);
  EXPECT_EQ(begin("echo.Text", "\"a\"").get().error().code, Errc::stopped);
  calls_.serve(control_, {&echo_});
  calls_.stop(Clock::now() + 30s);
  EXPECT_EQ(begin("echo.Text", "\"a\"").get().error().code, Errc::stopped);
}

}  // namespace
}  // namespace rr::rpc
