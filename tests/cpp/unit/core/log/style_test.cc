#include "runtime/core/log/style.h"

#include <gtest/gtest.h>

namespace rr::log {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kNow = 1795326677410799434;

std::string line(Style style, Level level, std::string_view logger, std::string_view message,
                 const std::vector<KeyValue>& fields = {}) {
  std::string out;
  format(style, {level, kNow, logger, message}, fields, out);
  return out;
}

std::vector<KeyValue> request() {
  return {kv("status", 200), kv("method", "GET"), kv("URI", "/a?b=1"),
          kv("start", std::chrono::system_clock::time_point(1700000000123456789ns)),
          kv("elapsed", 3)};
}

const Style kProduction{Mode::production, Encoding::json, Colour::no, "\n"};
const Style kDevelopment{Mode::development, Encoding::console, Colour::no, "\n"};
const Style kRaw{Mode::raw, Encoding::console, Colour::no, "\n"};

// spec:05#33 spec:05#34
TEST(LineFormat, ProductionIsJsonWithNanoseconds) {
  EXPECT_EQ(line(kProduction, Level::info, "http", "http log", request()),
            "{\"level\":\"info\",\"ts\":1795326677410799434,\"logger\":\"http\",\"msg\":\"http "
            "log\",\"status\":200,\"method\":\"GET\","
            "\"URI\":\"/a?b=1\",\"start\":1700000000123456789,\"elapsed\":3}\n");
  EXPECT_EQ(line(kProduction, Level::info, "server", "text from PHP stderr\n"),
            "{\"level\":\"info\",\"ts\":1795326677410799434,\"logger\":\"server\",\"msg\":\"text "
            "from PHP stderr\\n\"}\n");
  EXPECT_EQ(
      line(kProduction, Level::error, "jobs", "job failed", {kv("error", "boom"), kv("d", 1500ms)}),
      "{\"level\":\"error\",\"ts\":1795326677410799434,\"logger\":\"jobs\",\"msg\":\"job "
      "failed\",\"error\":\"boom\",\"d\":1.5}\n");
  EXPECT_EQ(line(kProduction, Level::warn, "", "x"),
            "{\"level\":\"warn\",\"ts\":1795326677410799434,\"msg\":\"x\"}\n");
}

// spec:05#33
TEST(LineFormat, DevelopmentIsTabbedText) {
  EXPECT_EQ(line(kDevelopment, Level::info, "http", "http log", request()),
            "2026-11-22T05:51:17+0000\tINFO\thttp        \thttp log\t{\"status\": 200, \"method\": "
            "\"GET\", \"URI\": \"/a?b=1\", "
            "\"start\": \"2023-11-14T22:13:20+0000\", \"elapsed\": 3}\n");
  EXPECT_EQ(line(kDevelopment, Level::warn, "a-very-long-logger-name", "w"),
            "2026-11-22T05:51:17+0000\tWARN\ta-very-long-logger-name\tw\n");
  EXPECT_EQ(line(kDevelopment, Level::debug, "rpc", "m",
                 {kv("d", 1500ms), kv("list", std::vector<std::string>{"a", "b"})}),
            "2026-11-22T05:51:17+0000\tDEBUG\trpc         \tm\t{\"d\": \"1.5s\", \"list\": [\"a\", "
            "\"b\"]}\n");
}

// spec:05#33
TEST(LineFormat, RawIsTheMessageAndItsFields) {
  EXPECT_EQ(line(kRaw, Level::info, "http", "http log", {kv("status", 200), kv("d", 5ns)}),
            "http log\t{\"status\": 200, \"d\": 5}\n");
  EXPECT_EQ(line(kRaw, Level::info, "server", "from php\n"), "from php\n\n");
}

// spec:05#33
TEST(LineFormat, ModesAndEncodingsCross) {
  EXPECT_EQ(line({Mode::production, Encoding::console, Colour::no, "\n"}, Level::info, "http",
                 "http log", {kv("a", 1)}),
            "1795326677410799434\tinfo\thttp\thttp log\t{\"a\": 1}\n");
  EXPECT_EQ(line({Mode::development, Encoding::json, Colour::no, "\n"}, Level::info, "http", "m"),
            "{\"level\":\"INFO\",\"ts\":\"2026-11-22T05:51:17+0000\",\"logger\":\"http        "
            "\",\"msg\":\"m\"}\n");
  EXPECT_EQ(line({Mode::raw, Encoding::json, Colour::no, "|\n"}, Level::info, "http", "m",
                 {kv("status", 200)}),
            "{\"message\":\"m\",\"status\":200}|\n");
  EXPECT_EQ(line({Mode::other, Encoding::json, Colour::no, "\n"}, Level::info, "http", "m",
                 {kv("status", 200)}),
            "{\"L\":\"INFO\",\"T\":\"2026-11-22T05:51:17+0000\",\"N\":\"http        "
            "\",\"M\":\"m\",\"status\":200}\n");
}

// spec:05#52
TEST(LineFormat, EscapesAsZapDoes) {
  EXPECT_EQ(line(kProduction, Level::info, "s", "a/b <\xC3\xA9> & \"q\"\\\t\x01\xFF\x7F"),
            "{\"level\":\"info\",\"ts\":1795326677410799434,\"logger\":\"s\",\"msg\":\"a/b "
            "<\xC3\xA9> & \\\"q\\\"\\\\\\t\\u0001\\ufffd\x7F\"}\n");
}

// spec:05#35
TEST(LineFormat, ColoursLevelAndName) {
  EXPECT_EQ(
      line({Mode::development, Encoding::console, Colour::yes, "\n"}, Level::error, "rpc", "m"),
      "2026-11-22T05:51:17+0000\t\033[91mERROR\033[0m\t\033[92mrpc         \033[0m\tm\n");
}

}  // namespace
}  // namespace rr::log
