#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cpp/unit/php/php_host.h"

namespace rr::php::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

struct Objects : ::testing::Test {
  Objects() { run.config.document_root = folder.path; }
  void loop(std::string_view body) {
    run.config.script = folder.write(
        "worker.php", "<?php $w = new RrEmbed\\Http\\Worker(); while ($r = $w->accept()) { " +
                          std::string(body) + " }");
  }
  void script(std::string_view text) {
    run.config.script = folder.write("worker.php", "<?php " + std::string(text));
  }
  FakeExchange& get(std::string target = "/", FakeExchange::Headers headers = {}) {
    return run.source.add("GET", std::move(target), std::move(headers));
  }
  Folder folder;
  ScriptRun run;
};

TEST_F(Objects, RespondAnswersWithStatusHeadersAndBody) {
  loop(
      "$r->respond(201, ['Content-Type' => 'text/plain', 'Set-Cookie' => ['a=1', 'b=2'], 'X-N' => "
      "5], 'hello ' . $r->path);");
  FakeExchange& first = get("/one");
  FakeExchange& second = get("/two?x");
  run();
  ASSERT_TRUE(first.head) << run.report.message;
  EXPECT_EQ(first.head->status, 201);
  EXPECT_EQ(first.head->headers, (FakeExchange::Headers{{"Content-Type", "text/plain"},
                                                        {"Set-Cookie", "a=1"},
                                                        {"Set-Cookie", "b=2"},
                                                        {"X-N", "5"}}));
  EXPECT_EQ(first.body, "hello /one");
  EXPECT_EQ(second.body, "hello /two");
  EXPECT_EQ(run.source.concluded, 2u);
}

TEST_F(Objects, PropertiesAreWhatTheClientSent) {
  loop(
      R"($r->respond(200, [], json_encode([$r->method, $r->uri, $r->path, $r->query, $r->protocol, $r->scheme, $r->host, $r->remoteAddr, $r->remotePort,
    strlen($r->id), abs($r->receivedAt - microtime(true)) < 5, $r->headers, $r->cookies, $r->queryParams, $r->parsedBody, $r->files, $r->attributes, $r->header('x-twice'), $r->header('none'), $r->body(), stream_get_contents($r->bodyStream())], JSON_UNESCAPED_SLASHES));)");
  FakeExchange& exchange = run.source.add("PUT", "/a%20b?x[]=1&x[]=2",
                                          {{"Content-Type", "application/x-www-form-urlencoded"},
                                           {"X-Twice", "1"},
                                           {"x-twice", "2"},
                                           {"Cookie", "c=1%20; d[k]=2; c=3"}},
                                          "p=q&n[a]=1");
  run();
  EXPECT_EQ(
      exchange.body,
      R"(["PUT","http://example.org/a%20b?x[]=1&x[]=2","/a%20b","x[]=1&x[]=2","HTTP/1.1","http","example.org","127.0.0.1",40000,32,true,)"
      R"({"Host":["example.org"],"Content-Type":["application/x-www-form-urlencoded"],"X-Twice":["1","2"],"Cookie":["c=1%20; d[k]=2; c=3"]},)"
      R"({"c":"1 ","d":{"k":"2"}},{"x":["1","2"]},{"p":"q","n":{"a":"1"}},[],[],"1, 2",null,"p=q&n[a]=1","p=q&n[a]=1"])")
      << run.report.message;
}

TEST_F(Objects, PropertiesAreReadonlyAndSeenByDumps) {
  loop(
      R"(try { $r->method = 'X'; } catch (Error $e) { $a = str_contains($e->getMessage(), 'readonly property'); } try { $r->none = 1; } catch (Error $e) { $b = $e->getMessage(); }
    try { clone $r; } catch (Error $e) { $c = 'no clone'; } try { serialize($r); } catch (Exception $e) { $d = 'no serialize'; }
    ob_start(); var_dump($r); $dump = ob_get_clean(); $r->respond(200, [], json_encode([$a, $b, $c, $d, isset($r->query), isset($r->nothing), str_contains($dump, '"/x"'), count((array) $r)]));)");
  FakeExchange& exchange = get("/x");
  run();
  EXPECT_EQ(
      exchange.body,
      R"([true,"Cannot create dynamic property RrEmbed\\Http\\Request::$none","no clone","no serialize",true,false,true,17])")
      << run.report.message;
}

TEST_F(Objects, ARequestThatIsKeptHasEverything) {
  script(R"($w = new RrEmbed\Http\Worker(); $kept = [];
    while ($r = $w->accept()) { if ($kept) { $r->respond(200, [], $kept[0]->path . $kept[0]->header('x-a') . json_encode($kept[0]->responded())); } else { $kept[] = $r; $r->respond(200); } })");
  get("/first", {{"X-A", "v"}});
  FakeExchange& second = get("/second");
  run();
  EXPECT_EQ(second.body, "/firstvtrue") << run.report.message;
}

TEST_F(Objects, ALooseRequestSaysThatItIsOver) {
  script(
      R"($w = new RrEmbed\Http\Worker(); $r = $w->accept(); $r->respond(200); $old = WeakReference::create($r); $q = $w->accept();
    try { $m = $r->path; } catch (RrEmbed\Exception\InvalidStateException $e) { $m = $e->getMessage(); } $q->respond(200, [], $m); try { $r->respond(200); } catch (RrEmbed\Exception\InvalidStateException) { fwrite(STDERR, "second\n"); })");
  get();
  FakeExchange& second = get();
  take_log();
  run();
  EXPECT_EQ(second.body, "the request is over: its property path was not read in time");
  EXPECT_THAT(take_log(), Contains("second"));
}

TEST_F(Objects, ASecondAnswerThrows) {
  loop(
      R"($r->respond(200, [], 'one'); $m = []; foreach (['respond', 'open', 'sendFile'] as $f) try { $f === 'sendFile' ? $r->$f(__FILE__) : $r->$f(200); } catch (RrEmbed\Exception\InvalidStateException $e) { $m[] = $f; } fwrite(STDERR, implode(' ', $m) . json_encode($r->responded()) . "\n");)");
  FakeExchange& exchange = get();
  take_log();
  run();
  EXPECT_EQ(exchange.body, "one");
  EXPECT_THAT(take_log(), Contains("respond open sendFiletrue"));
}

TEST_F(Objects, HeadersThatDoNotFitThrowBeforeAnythingIsSent) {
  loop(
      R"($n = 0; foreach ([["X\n" => 'a'], ['X' => "a\r\nY: b"], ['X' => ["a\0"]], ['' => 'a'], ['X Y' => 'a']] as $h) try { $r->respond(200, $h); } catch (ValueError) { $n++; }
    foreach ([99, 101, 199, 600] as $s) try { $r->respond($s); } catch (ValueError) { $n++; } $r->respond(200, [], "$n");)");
  FakeExchange& exchange = get();
  run();
  EXPECT_EQ(exchange.body, "9") << run.report.message;
}

TEST_F(Objects, ABodyWriterStreamsAndItsEndIsTheEnd) {
  loop(
      R"($b = $r->open(200, ['X-A' => '1']); var_dump($b->write('a')); $b->write(''); $b->write('b'); $b->end('c'); try { $b->write('d'); } catch (RrEmbed\Exception\InvalidStateException $e) { fwrite(STDERR, $e->getMessage() . "\n"); })");
  FakeExchange& exchange = get();
  take_log();
  run();
  EXPECT_THAT(exchange.chunks, ::testing::ElementsAre("a", "b", "c"));
  EXPECT_EQ(exchange.head->header("x-a"), "1");
  EXPECT_TRUE(exchange.finished);
  EXPECT_THAT(take_log(), Contains("the body has ended"));
}

TEST_F(Objects, AShortBodyGoesInOnePieceAndADroppedWriterEnds) {
  loop(
      "if ($r->path === '/short') $r->open(202, ['A' => 'b'])->end('all'); else { $b = "
      "$r->open(200); $b->write('x'); unset($b); fwrite(STDERR, 'after'); }");
  FakeExchange& first = get("/short");
  FakeExchange& second = get("/dropped");
  run();
  EXPECT_TRUE(first.chunks.empty());
  EXPECT_EQ(first.body, "all");
  EXPECT_EQ(first.head->status, 202);
  EXPECT_TRUE(second.finished);
  EXPECT_EQ(second.body, "x");
}

TEST_F(Objects, WriteSaysThatTheClientHasGone) {
  loop(
      "$b = $r->open(200); $n = 0; while ($b->write('x') && $n < 50) $n++; fwrite(STDERR, \"wrote "
      "$n\\n\");");
  FakeExchange& exchange = get();
  exchange.on_write = [&] {
    if (exchange.chunks.size() == 3) exchange.client_gone = true;
  };
  take_log();
  run();
  EXPECT_THAT(take_log(), Contains("wrote 2"));
}

TEST_F(Objects, InformationalComesBeforeTheAnswer) {
  loop(
      "$a = $r->informational(103, ['Link' => '</a>']); $r->respond(200, [], json_encode([$a])); "
      "fwrite(STDERR, json_encode($r->informational(103, [])) . \"\\n\");");
  FakeExchange& exchange = get();
  take_log();
  run();
  ASSERT_EQ(exchange.informed.size(), 1u);
  EXPECT_EQ(exchange.body, "[true]");
  EXPECT_THAT(take_log(), Contains("false"));
}

TEST_F(Objects, UnansweredRequestsFailAndFailLogs) {
  loop(
      "if ($r->path === '/fail') $r->fail(new RuntimeException('told'), 503); elseif ($r->path === "
      "'/text') $r->fail('text');");
  FakeExchange& silent = get("/");
  FakeExchange& failed = get("/fail");
  FakeExchange& text = get("/text");
  take_log();
  run();
  ASSERT_TRUE(silent.error);
  EXPECT_THAT(silent.error->message, HasSubstr("had not answered this one"));
  ASSERT_TRUE(failed.head);
  EXPECT_EQ(failed.head->status, 503);
  EXPECT_EQ(failed.body, "");
  EXPECT_THAT(take_log(), Contains(HasSubstr("RuntimeException: told")));
  ASSERT_TRUE(text.error);
  EXPECT_EQ(text.error->message, "text");
}

TEST_F(Objects, RunTakesWhatHandlersReturn) {
  script(
      R"(exit((new RrEmbed\Http\Worker())->run(function (RrEmbed\Http\Request $r) { switch ($r->path) {
    case '/string': return 'text'; case '/array': return [404, ['X-A' => 'b'], 'gone']; case '/list': return ['a', 'b']; case '/generator': return (function () { yield 'x'; yield 'y'; })();
    case '/null': $r->respond(204); return null; case '/throw': throw new LogicException('oops'); case '/bad': return 5; case '/status': return [200, [], (function () { yield 'z'; })()]; } }));)");
  FakeExchange& string = get("/string");
  FakeExchange& array = get("/array");
  FakeExchange& list = get("/list");
  FakeExchange& generator = get("/generator");
  FakeExchange& null = get("/null");
  FakeExchange& thrown = get("/throw");
  FakeExchange& bad = get("/bad");
  FakeExchange& status = get("/status");
  run();
  EXPECT_EQ(string.body, "text") << run.report.message;
  EXPECT_EQ(array.head->status, 404);
  EXPECT_EQ(array.head->header("x-a"), "b");
  EXPECT_EQ(list.body, "ab");
  EXPECT_EQ(generator.body, "xy");
  EXPECT_EQ(null.head->status, 204);
  ASSERT_TRUE(thrown.error);
  EXPECT_THAT(thrown.error->message, HasSubstr("LogicException: oops"));
  ASSERT_TRUE(bad.error);
  EXPECT_EQ(status.body, "z");
  EXPECT_EQ(run.report.exit_status, 0);
  EXPECT_EQ(run.report.end, ScriptEnd::stopped);
}

TEST_F(Objects, AGeneratorHearsThatTheClientLeft) {
  script(
      R"((new RrEmbed\Http\Worker())->run(function ($r) { return (function () { try { for (;;) yield 'x'; } catch (RrEmbed\Exception\ClientDisconnectedException $e) { fwrite(STDERR, $e->getMessage() . "\n"); throw $e; } })(); });)");
  FakeExchange& exchange = get();
  exchange.on_write = [&] {
    if (exchange.chunks.size() == 2) exchange.client_gone = true;
  };
  take_log();
  run();
  EXPECT_THAT(take_log(), Contains("the client left"));
  EXPECT_EQ(run.source.concluded, 1u);
}

TEST_F(Objects, UploadsBecomeATreeOfFiles) {
  loop(
      R"(if (!$f = $r->files) { $r->respond(200); continue; } $r->respond(200, [], json_encode([get_class($f['f']), $f['f']->clientName, $f['f']->clientType, $f['f']->size, $f['f']->error, file_get_contents($f['f']->path), $f['list'][0]->clientName, $f['list']['k']->clientName, $r->parsedBody, $r->body()]));
    $f['f']->moveTo(__DIR__ . '/moved'); try { $f['f']->moveTo(__DIR__ . '/again'); } catch (RrEmbed\Exception\InvalidStateException) { fwrite(STDERR, $f['list'][0]->path . "\n"); })");
  const std::string body =
      "--B\r\nContent-Disposition: form-data; name=\"a[x]\"\r\n\r\n1\r\n"
      "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"n.txt\"\r\nContent-Type: "
      "text/plain\r\n\r\ndata\r\n"
      "--B\r\nContent-Disposition: form-data; name=\"list[]\"; filename=\"l0\"\r\n\r\n0\r\n"
      "--B\r\nContent-Disposition: form-data; name=\"list[k]\"; "
      "filename=\"lk\"\r\n\r\nk\r\n--B--\r\n";
  FakeExchange& exchange =
      run.source.add("POST", "/", {{"Content-Type", "multipart/form-data; boundary=B"}}, body);
  get();
  take_log();
  run();
  EXPECT_EQ(
      exchange.body,
      R"(["RrEmbed\\Http\\UploadedFile","n.txt","text\/plain",4,0,"data","l0","lk",{"a":{"x":"1"}},""])")
      << run.report.message;
  EXPECT_TRUE(std::filesystem::exists(folder.path + "/moved"));
  const auto log = take_log();
  ASSERT_FALSE(log.empty());
  EXPECT_FALSE(std::filesystem::exists(log[0])) << log[0];
}

TEST_F(Objects, SendFileSendsAFileOrAPart) {
  folder.write("small", "0123456789");
  folder.write("large", std::string(1'000'000, 'z'));
  loop(
      R"(switch ($r->path) { case '/all': $r->sendFile(__DIR__ . '/small'); break; case '/part': $r->sendFile(__DIR__ . '/small', 206, ['Content-Range' => 'x'], 2, 3); break;
    case '/large': $r->sendFile(__DIR__ . '/large', delete: true); break; case '/none': try { $r->sendFile('/none'); } catch (ValueError $e) { $r->respond(404, [], $e->getMessage()); } })");
  FakeExchange& all = get("/all");
  FakeExchange& part = get("/part");
  FakeExchange& large = get("/large");
  FakeExchange& none = get("/none");
  run();
  EXPECT_EQ(all.body, "0123456789") << run.report.message;
  EXPECT_EQ(all.head->header("content-length"), "10");
  EXPECT_EQ(part.body, "234");
  EXPECT_EQ(part.head->status, 206);
  EXPECT_EQ(large.body.size(), 1'000'000u);
  EXPECT_GT(large.chunks.size(), 1u);
  EXPECT_FALSE(std::filesystem::exists(folder.path + "/large"));
  EXPECT_EQ(none.head->status, 404);
}

TEST_F(Objects, ServerHoldsTheCgiKeys) {
  loop(
      "$s = $r->server(['X' => 'y']); $r->respond(200, [], json_encode([$s['REQUEST_METHOD'], "
      "$s['REQUEST_URI'], $s['HTTP_HOST'], $s['SCRIPT_NAME'], $s['REQUEST_TIME'] > 0, $s['X']], "
      "JSON_UNESCAPED_SLASHES));");
  FakeExchange& exchange = get("/p?q");
  run();
  EXPECT_EQ(exchange.body, R"(["GET","/p?q","example.org","/worker.php",true,"y"])")
      << run.report.message;
}

TEST_F(Objects, AFatalErrorFailsTheExchangeInHand) {
  if (!memory_limit_holds()) GTEST_SKIP();
  loop(
      "if ($r->path === '/stream') { $b = $r->open(200); $b->write('part'); } $a = []; while "
      "(true) $a[] = str_repeat('x', 1 << 20);");
  run.config.ini = {{"memory_limit", "16M"}};
  FakeExchange& exchange = get();
  run();
  ASSERT_TRUE(exchange.error);
  EXPECT_THAT(exchange.error->message, HasSubstr("Allowed memory size"));

  ScriptRun streaming;
  streaming.config = run.config;
  FakeExchange& begun = streaming.source.add("GET", "/stream");
  streaming();
  EXPECT_EQ(begun.body, "part");
  EXPECT_TRUE(begun.finished);
  EXPECT_EQ(streaming.report.end, ScriptEnd::fatal);
}

struct Raw : Objects {};

TEST_F(Raw, TheRawLoopGivesFramesAndTakesThem) {
  script(
      R"($w = RrEmbed\Worker::current(); while ($p = $w->next()) { if ($p->body === 'bad') { $w->error('no'); continue; } $w->respond('part', '{}', false); $w->respond(strtoupper($p->body), '', true, RrEmbed\Codec::Raw);
    try { $w->respond('x'); } catch (RrEmbed\Exception\InvalidStateException $e) { fwrite(STDERR, $e->getMessage() . "\n"); } })");
  FakeExchange& first = run.source.add("POST", "/", {}, "body");
  first.context = "context";
  FakeExchange& second = run.source.add("POST", "/", {}, "bad");
  take_log();
  run();
  ASSERT_EQ(first.frames.size(), 2u) << run.report.message;
  EXPECT_TRUE(first.frames[0].more);
  EXPECT_EQ(first.frames[0].flags, 8);
  EXPECT_EQ(first.frames[1].body, "BODY");
  EXPECT_EQ(first.frames[1].flags, 4);
  ASSERT_TRUE(second.error);
  EXPECT_EQ(second.error->message, "no");
  EXPECT_THAT(take_log(), Contains("no request waits for an answer"));
}

TEST_F(Raw, StopGivesTheRequestBackAndEndsTheLoop) {
  script(
      "$w = RrEmbed\\Worker::current(); while ($p = $w->next()) $w->stop(); fwrite(STDERR, "
      "\"left\\n\");");
  get();
  get();
  take_log();
  run();
  EXPECT_EQ(run.source.handed_out, 1u);
  EXPECT_TRUE(run.source.recycle_asked);
  EXPECT_THAT(take_log(), Contains("left"));
}

TEST_F(Raw, AnUnansweredRequestIsRefusedAndPayloadsAreValues) {
  script(
      R"($w = RrEmbed\Worker::current(); $p = $w->next(); try { $w->next(); } catch (RrEmbed\Exception\InvalidStateException $e) { $w->respond($e->getMessage()); }
    $v = new RrEmbed\Payload('b', 'h'); try { $v->body = 'x'; } catch (Error $e) { fwrite(STDERR, $e->getMessage() . json_encode($v) . "\n"); })");
  FakeExchange& exchange = get();
  take_log();
  run();
  ASSERT_EQ(exchange.frames.size(), 1u) << run.report.message;
  EXPECT_EQ(exchange.frames[0].body, "the previous request has no answer yet");
  EXPECT_THAT(
      take_log(),
      Contains(
          R"(Cannot modify readonly property RrEmbed\Payload::$body{"body":"b","header":"h","last":true,"flags":0})"));
}

TEST_F(Objects, ThousandsOfRequestsKeepMemoryFlat) {
  loop(
      R"(static $max = 0, $n = 0; if (++$n === 200) $max = memory_get_usage(); $x = [$r->headers, $r->cookies, $r->queryParams, $r->parsedBody, $r->body(), $r->server(), $r->uri, $r->bodyStream()];
    $b = $r->open(200, ['X' => (string) $n]); $b->write('a'); $b->end($n === 3000 ? ' grown ' . (memory_get_usage() - $max) : 'b');)");
  FakeExchange& exchange = run.source.add(
      "POST", "/?a=1",
      {{"Content-Type", "application/x-www-form-urlencoded"}, {"Cookie", "a=1; b=2"}},
      "b=" + std::string(1000, 'x'));
  run.source.repeat = 2999;
  run();
  const std::size_t at = exchange.body.find(" grown ");
  ASSERT_NE(at, std::string::npos) << exchange.body << run.report.message;
  EXPECT_LT(std::stol(exchange.body.substr(at + 7)), 4096);
}

}  // namespace
}  // namespace rr::php::testing
