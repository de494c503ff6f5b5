#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cpp/unit/php/php_host.h"

namespace rr::php::testing {
namespace {

struct Classic : ::testing::Test {
  Classic() {
    run.config.classic = true;
    run.config.document_root = folder.path;
    run.config.script = folder.path + "/index.php";
  }
  Folder folder;
  ScriptRun run;
};

TEST_F(Classic, AnswersWithWhatTheScriptPrints) {
  folder.write("index.php", "<?php header('X-A: b'); echo 'hello ', $_GET['x'];");
  FakeExchange& exchange = run.source.add("GET", "/?x=1");
  run();
  EXPECT_EQ(run.report.end, ScriptEnd::stopped);
  ASSERT_TRUE(exchange.head);
  EXPECT_EQ(exchange.head->status, 200);
  EXPECT_EQ(exchange.body, "hello 1");
  EXPECT_EQ(exchange.head->header("x-a"), "b");
  EXPECT_EQ(exchange.head->header("content-type"), "text/html; charset=UTF-8");
}

}  // namespace
}  // namespace rr::php::testing
