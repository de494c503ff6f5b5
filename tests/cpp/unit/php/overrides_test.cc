#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cpp/unit/php/php_host.h"

namespace rr::php::testing {
namespace {

using ::testing::Contains;

struct Overrides : ::testing::Test {
  Overrides() { run.config.document_root = folder.path; }
  void script(std::string_view handler, std::string_view boot = "") {
    run.config.script = folder.write(
        "worker.php", "<?php " + std::string(boot) + " $handler = function () { " +
                          std::string(handler) + " }; while (rr_embed_handle_request($handler));");
  }
  Folder folder;
  ScriptRun run;
};

TEST_F(Overrides, PutenvIsTheRequestsOwnAndChildrenSeeIt) {
  script(
      R"(echo json_encode([getenv('BOOT'), getenv('POOL'), getenv('MINE'), $_SERVER['POOL'] ?? null]);
    putenv('MINE=1'); putenv('POOL'); putenv('BOOT=changed'); echo json_encode([getenv('MINE'), getenv('POOL'), isset(getenv()['MINE']), trim(shell_exec('echo $MINE-$POOL-$BOOT')), (function () {
      $p = proc_open('echo $MINE-$BOOT', [1 => ['pipe', 'w']], $pipes); $t = stream_get_contents($pipes[1]); return trim($t) . proc_close($p); })(), exec('echo $MINE', $o, $code), $code]);)",
      "putenv('BOOT=boot');");
  run.config.environment = {{"POOL", "pool"}};
  FakeExchange& first = run.source.add("GET", "/");
  FakeExchange& second = run.source.add("GET", "/");
  run();
  EXPECT_EQ(first.body,
            R"(["boot","pool",false,"pool"]["1",false,true,"1--changed","1-changed0","1",0])");
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(getenv("MINE"), nullptr);
}

TEST_F(Overrides, LocalesAreTheThreadsOwnAndReset) {
  script(
      R"(echo setlocale(LC_NUMERIC, '0'), ' ', setlocale(LC_ALL, ['xx_XX', 'C.UTF-8', 'C.utf8']), ' ', setlocale(LC_NUMERIC, 0), ' ', json_encode(setlocale(LC_ALL, 'nope')), ' ', setlocale(LC_ALL, 'C'), ' ', setlocale(LC_ALL, 0);)");
  FakeExchange& first = run.source.add("GET", "/");
  FakeExchange& second = run.source.add("GET", "/");
  run();
  EXPECT_EQ(first.body, "C C.UTF-8 C.UTF-8 false C C");
  EXPECT_EQ(second.body, first.body);
}

TEST_F(Overrides, ForksAndSignalsStayAway) {
  script(
      R"(echo json_encode([@pcntl_fork(), error_get_last()['message'], pcntl_signal(SIGTERM, fn() => 1), pcntl_async_signals(true), pcntl_wait($s), pcntl_waitpid(-1, $s), umask(077) !== 077, umask()]);)");
  FakeExchange& exchange = run.source.add("GET", "/");
  run();
  EXPECT_EQ(
      exchange.body,
      R"([-1,"pcntl_fork(): Cannot fork: this script runs on a thread of the server",true,false,-1,-1,true,63])");
}

}  // namespace
}  // namespace rr::php::testing
