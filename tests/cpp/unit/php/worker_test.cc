#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cpp/unit/php/php_host.h"

namespace rr::php::testing {
namespace {

struct Worker : ::testing::Test {
  Worker() { run.config.document_root = folder.path; }
  void script(std::string_view text) { run.config.script = folder.write("worker.php", text); }
  Folder folder;
  ScriptRun run;
};

TEST_F(Worker, HandlesRequestsWithSuperglobals) {
  script("<?php $n = 0; while (rr_embed_handle_request(function () use (&$n) { echo ++$n, ' hello ', $_GET['x'] ?? '-'; })); ");
  FakeExchange& first = run.source.add("GET", "/?x=1");
  FakeExchange& second = run.source.add("GET", "/");
  run();
  EXPECT_EQ(run.report.end, ScriptEnd::stopped);
  ASSERT_TRUE(first.head);
  EXPECT_EQ(first.body, "1 hello 1");
  EXPECT_EQ(first.head->status, 200);
  EXPECT_EQ(second.body, "2 hello -");
  EXPECT_EQ(run.source.concluded, 2u);
}

}  // namespace
}  // namespace rr::php::testing
