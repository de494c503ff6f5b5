#include <chrono>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cpp/unit/php/php_host.h"

namespace rr::php::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

struct Worker : ::testing::Test {
  Worker() { run.config.document_root = folder.path; }
  // `boot` runs once, `handler` for each request.
  void script(std::string_view handler, std::string_view boot = "") {
    run.config.script = folder.write(
        "worker.php", "<?php " + std::string(boot) + " $handler = function () { " +
                          std::string(handler) + " }; while (rr_embed_handle_request($handler));");
  }
  FakeExchange& get(std::string target = "/", FakeExchange::Headers headers = {}) {
    return run.source.add("GET", std::move(target), std::move(headers));
  }
  FakeExchange& post(std::string type, std::string body, std::string target = "/") {
    return run.source.add("POST", std::move(target), {{"Content-Type", std::move(type)}},
                          std::move(body));
  }
  Folder folder;
  ScriptRun run;
};

TEST_F(Worker, HandlesRequestsWithSuperglobals) {
  script("static $n = 0; echo ++$n, ' hello ', $_GET['x'] ?? '-';");
  FakeExchange& first = get("/?x=1");
  FakeExchange& second = get("/");
  run();
  EXPECT_EQ(run.report.end, ScriptEnd::stopped);
  ASSERT_TRUE(first.head);
  EXPECT_EQ(first.body, "1 hello 1");
  EXPECT_EQ(first.head->status, 200);
  EXPECT_EQ(second.body, "2 hello -");
  EXPECT_EQ(run.source.concluded, 2u);
}

TEST_F(Worker, SuperglobalsAreThoseOfTheRequestOnly) {
  script(
      R"(echo json_encode([$_GET, $_POST, $_COOKIE, count($_FILES), $_REQUEST, $_SERVER['REQUEST_METHOD'], $_SERVER['HTTP_X_A'] ?? null, file_get_contents('php://input')]);
    $_GET['left'] = $_POST['left'] = $_COOKIE['left'] = $_FILES['left'] = $_SERVER['HTTP_X_A'] = 1;)");
  FakeExchange& first = run.source.add(
      "POST", "/?a=1",
      {{"Content-Type", "application/x-www-form-urlencoded"}, {"Cookie", "c=2"}, {"X-A", "v"}},
      "b=3");
  FakeExchange& second = get("/");
  FakeExchange& third =
      run.source.add("PUT", "/", {{"Content-Type", "application/json"}}, "{\"j\":1}");
  run();
  EXPECT_EQ(first.body,
            R"([{"a":"1"},{"b":"3"},{"c":"2"},0,{"a":"1","b":"3","c":"2"},"POST","v","b=3"])");
  EXPECT_EQ(second.body, R"([[],[],[],0,[],"GET",null,""])");
  EXPECT_EQ(third.body, R"([[],[],[],0,[],"PUT",null,"{\"j\":1}"])");
}

TEST_F(Worker, SuperglobalsNamedLaterByAnIncludeAreThere) {
  folder.write("late.php", "<?php echo $_SERVER['REQUEST_URI'], ' ', $_REQUEST['x'];");
  script(
      "echo isset($GLOBALS['_SERVER']) ? 'made ' : 'lazy '; if (isset($_GET['x'])) include __DIR__ "
      ". '/late.php';");
  FakeExchange& first = get("/");
  FakeExchange& second = get("/p?x=7");
  FakeExchange& third = get("/q?x=8");
  run();
  EXPECT_EQ(first.body.substr(0, 4), "lazy");
  EXPECT_THAT(second.body, ::testing::EndsWith("/p?x=7 7"));
  EXPECT_THAT(third.body, ::testing::EndsWith("/q?x=8 8"));
}

TEST_F(Worker, UploadsAreParsedAndRemoved) {
  script(
      R"(echo json_encode([$_POST, $_FILES['f']['name'], $_FILES['f']['size'], is_uploaded_file($_FILES['f']['tmp_name']), file_get_contents($_FILES['f']['tmp_name'])]);
    file_put_contents(__DIR__ . '/path', $_FILES['f']['tmp_name']);)");
  FakeExchange& exchange =
      post("multipart/form-data; boundary=B",
           "--B\r\nContent-Disposition: form-data; "
           "name=\"a\"\r\n\r\n1\r\n--B\r\nContent-Disposition: form-data; name=\"f\"; "
           "filename=\"n.txt\"\r\nContent-Type: text/plain\r\n\r\ndata\r\n--B--\r\n");
  run();
  EXPECT_EQ(exchange.body, R"([{"a":"1"},"n.txt",4,true,"data"])");
  std::string path;
  std::ifstream(folder.path + "/path") >> path;
  EXPECT_FALSE(path.empty());
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(Worker, HeadersAndStatusAreTheRequestsOwn) {
  script(
      "if (isset($_GET['s'])) { http_response_code(404); header('X-A: 1'); header('Content-Type: "
      "text/plain'); setcookie('c', 'v'); } echo (headers_sent() ? 'sent' : 'not') . "
      "count(headers_list());");
  FakeExchange& first = get("/?s");
  FakeExchange& second = get("/");
  run();
  EXPECT_EQ(first.head->status, 404);
  EXPECT_EQ(first.head->header("x-a"), "1");
  EXPECT_EQ(first.head->header("content-type"), "text/plain;charset=UTF-8");
  EXPECT_THAT(first.head->header("set-cookie"), HasSubstr("c=v"));
  EXPECT_EQ(second.head->status, 200);
  EXPECT_FALSE(second.head->has("x-a"));
  EXPECT_EQ(second.body, "not1");
}

TEST_F(Worker, ExitEndsTheRequestNotTheScript) {
  script(
      "static $n = 0; $n++; function_exists('f') || eval('function f() { ob_start(); echo \"in "
      "buffer\"; exit(\" bye\"); }'); if ($n < 3) f(); echo $n;");
  FakeExchange& first = get();
  FakeExchange& second = get();
  FakeExchange& third = get();
  run();
  EXPECT_EQ(first.body, "in buffer bye");
  EXPECT_EQ(second.body, "in buffer bye");
  EXPECT_EQ(third.body, "3");
  EXPECT_EQ(run.report.end, ScriptEnd::stopped);
}

TEST_F(Worker, AnUncaughtExceptionIs500AndLogged) {
  script("if (isset($_GET['t'])) throw new RuntimeException('boom'); echo 'fine';");
  FakeExchange& first = get("/?t");
  FakeExchange& second = get();
  take_log();
  run();
  EXPECT_EQ(first.head->status, 500);
  EXPECT_EQ(second.body, "fine");
  EXPECT_EQ(second.head->status, 200);
  EXPECT_THAT(take_log(), Contains(HasSubstr("Uncaught RuntimeException: boom")));
}

TEST_F(Worker, TheUsersExceptionHandlerAnswers) {
  script("throw new RuntimeException('boom');",
         "set_exception_handler(function ($e) { http_response_code(503); echo 'sorry: ', "
         "$e->getMessage(); });");
  FakeExchange& first = get();
  FakeExchange& second = get();
  run();
  EXPECT_EQ(first.head->status, 503);
  EXPECT_EQ(second.body, "sorry: boom");
}

TEST_F(Worker, AFatalErrorAnswers500AndEndsTheScript) {
  if (!memory_limit_holds()) GTEST_SKIP();
  script(
      "echo 'before'; register_shutdown_function(function () { echo ' shutdown'; }); if "
      "(isset($_GET['t'])) { nope(); } else { $a = []; while (true) $a[] = str_repeat('x', 1 << "
      "20); }");
  run.config.ini = {{"memory_limit", "32M"}};
  FakeExchange& first = get("/?t");
  FakeExchange& second = get();
  get();
  run();
  EXPECT_EQ(first.head->status, 500);
  ASSERT_TRUE(second.head);
  EXPECT_EQ(second.head->status, 500);
  EXPECT_EQ(run.report.end, ScriptEnd::fatal);
  EXPECT_THAT(run.report.message, HasSubstr("Allowed memory size"));
  EXPECT_EQ(run.source.handed_out, 2u);
}

TEST_F(Worker, ShutdownFunctionsOfARequestRunAtItsEnd) {
  script("register_shutdown_function(function () { echo ' bye'; }); echo 'hello';",
         "register_shutdown_function(function () { fwrite(STDERR, \"script over\\n\"); });");
  FakeExchange& first = get();
  FakeExchange& second = get();
  take_log();
  run();
  EXPECT_EQ(first.body, "hello bye");
  EXPECT_EQ(second.body, "hello bye");
  EXPECT_THAT(take_log(), Contains("script over"));
}

TEST_F(Worker, SettingsAndHandlersAreRestored) {
  script(
      R"(echo ini_get('memory_limit'), ' ', ini_get('precision'), ' ', error_reporting(), ' ', (function () { $h = set_error_handler(null); restore_error_handler(); return $h === null ? 'none' : 'left'; })(), ' ', json_encode(error_get_last());
    ini_set('memory_limit', '32M'); ini_set('precision', 3); error_reporting(0); set_error_handler(fn() => false); @trigger_error('x');)");
  run.config.ini = {{"memory_limit", "64M"}};
  FakeExchange& first = get();
  FakeExchange& second = get();
  run();
  EXPECT_EQ(first.body, "64M 14 32767 none null");
  EXPECT_EQ(second.body, first.body);
}

TEST_F(Worker, SessionsDoNotLeakIntoTheNextRequest) {
  script(
      "if (isset($_GET['s'])) { session_id('abc'); session_start(); $_SESSION['n'] = "
      "($_SESSION['n'] ?? 0) + 1; echo $_SESSION['n']; } else echo session_id(), isset($_SESSION) "
      "? 'leak' : 'clean', session_status();");
  run.config.ini = {{"session.save_path", folder.path}};
  FakeExchange& first = get("/?s");
  FakeExchange& second = get("/");
  FakeExchange& third = get("/?s");
  run();
  EXPECT_EQ(first.body, "1");
  EXPECT_EQ(second.body, "clean1");
  EXPECT_EQ(third.body, "2");
}

TEST_F(Worker, FlushStreamsAndEarlyHintsGoFirst) {
  script(
      "RrEmbed\\send_informational(103, ['Link' => '</a>; rel=preload']); echo 'one'; flush(); "
      "echo 'two'; flush(); echo 'three';");
  FakeExchange& exchange = get();
  run();
  ASSERT_EQ(exchange.informed.size(), 1u);
  EXPECT_EQ(exchange.informed[0].status, 103);
  EXPECT_EQ(exchange.informed[0].header("link"), "</a>; rel=preload");
  EXPECT_THAT(exchange.chunks, ::testing::ElementsAre("one", "two", "three"));
  EXPECT_TRUE(exchange.finished);
}

TEST_F(Worker, LargeOutputIsStreamed) {
  script("for ($i = 0; $i < 512; $i++) echo str_repeat(chr(65 + $i % 26), 4096);");
  FakeExchange& exchange = get();
  run();
  EXPECT_EQ(exchange.body.size(), 512u * 4096);
  EXPECT_GT(exchange.chunks.size(), 1u);
}

TEST_F(Worker, FinishRequestAnswersAtOnce) {
  script(
      "echo 'answer'; $a = RrEmbed\\finish_request(); echo 'dropped'; $GLOBALS['seen'] = [$a, "
      "RrEmbed\\finish_request(), connection_status()];",
      "$seen = null; register_shutdown_function(function () { fwrite(STDERR, "
      "json_encode($GLOBALS['seen']) . \"\\n\"); });");
  FakeExchange& exchange = get();
  take_log();
  run();
  EXPECT_EQ(exchange.body, "answer");
  EXPECT_THAT(take_log(), Contains("[true,false,0]"));
}

TEST_F(Worker, AClientThatLeftIsOnlyReported) {
  script(
      "echo 'a'; flush(); echo 'b'; flush(); file_put_contents(__DIR__ . '/seen', "
      "connection_aborted() . json_encode(RrEmbed\\connection_alive()));");
  FakeExchange& exchange = get();
  exchange.on_write = [&] { exchange.client_gone = true; };
  FakeExchange& second = get();
  run();
  std::string seen;
  std::ifstream(folder.path + "/seen") >> seen;
  EXPECT_EQ(second.body, "ab");
  EXPECT_EQ(seen, "0true");
  EXPECT_EQ(run.source.concluded, 2u);
}

TEST_F(Worker, ARecycleIsGrantedAfterTheRequest) {
  script("echo 'x'; RrEmbed\\recycle();");
  FakeExchange& first = get();
  get();
  run();
  EXPECT_EQ(first.body, "x");
  EXPECT_EQ(run.source.handed_out, 1u);
  EXPECT_TRUE(run.source.recycle_asked);
}

TEST_F(Worker, FunctionsTellWhereTheyAre) {
  script(
      "echo json_encode([RrEmbed\\transport(), RrEmbed\\available(), RrEmbed\\in_worker(), "
      "RrEmbed\\mode(), RrEmbed\\worker_id(), RrEmbed\\request_headers(), PHP_SAPI, "
      "php_sapi_name()]);");
  FakeExchange& exchange = get("/", {{"x-a", "1"}, {"X-A", "2"}});
  run();
  EXPECT_EQ(
      exchange.body,
      R"(["host",true,true,"http",3,{"Host":"example.org","X-A":"1, 2"},"rr-embed","rr-embed"])");
}

TEST_F(Worker, NestedCallsAndBadHeadersThrow) {
  script(
      R"(try { rr_embed_handle_request(fn() => 1); } catch (RrEmbed\Exception\InvalidStateException $e) { echo get_parent_class($e), ' '; }
    try { RrEmbed\send_informational(103, ["X\r\n" => '1']); } catch (ValueError $e) { echo 'name '; }
    try { RrEmbed\send_informational(103, ['X' => "a\nb"]); } catch (ValueError $e) { echo 'value '; }
    try { RrEmbed\send_informational(200, []); } catch (ValueError $e) { echo 'status'; })");
  FakeExchange& exchange = get();
  run();
  EXPECT_EQ(exchange.body, "LogicException name value status");
  EXPECT_TRUE(exchange.informed.empty());
}

TEST_F(Worker, ExecTtlInterruptsPhpCode) {
  script("if (isset($_GET['l'])) { try { while (true); } finally { echo 'finally'; } } echo 'ok';");
  FakeExchange& first = get("/?l");
  FakeExchange& second = get();
  run.meanwhile = [&](Interpreter& interpreter) {
    if (run.source.in_hand == &first) interpreter.interrupt(0);
  };
  run();
  ASSERT_TRUE(first.error);
  EXPECT_EQ(first.error->code, Errc::exec_ttl);
  EXPECT_EQ(run.report.end, ScriptEnd::interrupted);
  EXPECT_FALSE(second.finished);
}

TEST_F(Worker, ExecTtlInterruptsSleep) {
  script("sleep(20); echo 'ok';");
  FakeExchange& first = get("/?l");
  const auto start = std::chrono::steady_clock::now();
  run.meanwhile = [&](Interpreter& interpreter) {
    if (run.source.in_hand == &first) interpreter.interrupt(1);
  };
  run();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  ASSERT_TRUE(first.error);
  EXPECT_EQ(first.error->code, Errc::exec_ttl);
}

TEST_F(Worker, ExecTtlEndsAWaitForASocket) {
  script(
      "$p = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0); fread($p[0], 100); echo "
      "'ok';");
  FakeExchange& first = get("/?l");
  const auto start = std::chrono::steady_clock::now();
  int stage = 0;
  run.meanwhile = [&](Interpreter& interpreter) {
    if (run.source.in_hand == &first) interpreter.interrupt(std::min(stage++, 2));
  };
  run();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  ASSERT_TRUE(first.error);
  EXPECT_EQ(first.error->code, Errc::exec_ttl);
}

TEST_F(Worker, MaxExecutionTimeIsCpuTime) {
  script("set_time_limit(1); if (isset($_GET['l'])) while (true); usleep(1200000); echo 'slept';");
  FakeExchange& first = get();
  FakeExchange& second = get("/?l");
  run.meanwhile = [&](Interpreter& interpreter) { interpreter.check_time_limit(Clock::now()); };
  run();
  EXPECT_EQ(first.body, "slept");
  EXPECT_TRUE(run.source.time_limit_noted);
  ASSERT_TRUE(second.head);
  EXPECT_EQ(second.head->status, 500);
  EXPECT_EQ(run.report.end, ScriptEnd::interrupted);
  EXPECT_THAT(run.report.message, HasSubstr("Maximum execution time of 1 second exceeded"));
}

TEST_F(Worker, AScriptThatCannotStartIsReported) {
  run.config.script = folder.write("broken.php", "<?php this is no php");
  get();
  run();
  EXPECT_EQ(run.report.end, ScriptEnd::failed);
  EXPECT_FALSE(run.report.asked_for_work);
  EXPECT_THAT(run.report.message, HasSubstr("syntax error"));

  ScriptRun missing;
  missing.config.script = folder.path + "/missing.php";
  missing();
  EXPECT_EQ(missing.report.end, ScriptEnd::failed);
  EXPECT_THAT(missing.report.message, HasSubstr("missing.php"));

  ScriptRun silent;
  silent.config.script = folder.write("silent.php", "<?php echo 'I am no worker';");
  silent();
  EXPECT_EQ(silent.report.end, ScriptEnd::returned);
  EXPECT_FALSE(silent.report.asked_for_work);
  EXPECT_EQ(silent.report.message, "I am no worker");
}

TEST_F(Worker, ThousandsOfRequestsKeepMemoryFlat) {
  script(
      "static $max = 0, $n = 0; if (++$n === 200) $max = memory_get_usage(); session_start(); "
      "setcookie('c', (string) $n); header('X-A: b'); echo $_SERVER['REQUEST_URI'], "
      "strlen(file_get_contents('php://input')); register_shutdown_function(fn() => 1); "
      "set_error_handler(fn() => true); if ($n % 7 === 0) exit('x'); if ($n === 3000) echo ' grown "
      "', memory_get_usage() - $max;");
  run.config.ini = {{"session.save_path", folder.path}, {"session.use_strict_mode", "0"}};
  FakeExchange& exchange = run.source.add(
      "POST", "/?a=1",
      {{"Content-Type", "application/x-www-form-urlencoded"}, {"Cookie", "PHPSESSID=one"}},
      "b=" + std::string(1000, 'x'));
  run.source.repeat = 2999;
  run();
  EXPECT_EQ(run.source.handed_out, 3000u);
  const std::size_t at = exchange.body.find(" grown ");
  ASSERT_NE(at, std::string::npos) << exchange.body;
  EXPECT_LT(std::stol(exchange.body.substr(at + 7)), 4096);
}

}  // namespace
}  // namespace rr::php::testing
