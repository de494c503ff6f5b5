#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cpp/unit/php/php_host.h"

namespace rr::php::testing {
namespace {

// As goridge's StreamRelay and Worker read and write, without their classes.
constexpr const char* kWorker = R"(<?php
function receive(): ?array {
    $head = fread(STDIN, 12);
    if (strlen($head) !== 12) throw new RuntimeException('header of ' . strlen($head));
    $h = unpack('Cv/Cflags/Vlength/Vcrc/Cstream/Cx', $head);
    $options = ($h['v'] & 15) > 3 ? array_values(unpack('V*', fread(STDIN, (($h['v'] & 15) - 3) * 4))) : [];
    $payload = '';
    while (strlen($payload) < $h['length']) $payload .= fread(STDIN, $h['length'] - strlen($payload));
    return [$h['flags'], $h['stream'], $options, $payload];
}
function send(string $payload, array $options = [], int $flags = 0, int $stream = 0): void {
    $head = pack('CCV', 0x10 | (3 + count($options)), $flags, strlen($payload));
    fwrite(STDOUT, $head . pack('V', crc32($head)) . chr($stream) . "\0" . pack('V*', ...$options) . $payload);
}
function answer(string $context, string $body, int $stream = 0, int $flags = 0): void {
    send($context . $body, [strlen($context)], $flags, $stream);
}
// The next request as [context, body]; null: stop.
function request(): ?array {
    for (;;) {
        [$flags, $stream, $options, $payload] = receive();
        if ($flags & 1) {
            $control = json_decode($payload, true);
            if (isset($control['stop'])) return null;
            if (isset($control['pid'])) { send(json_encode(['pid' => getmypid()]), [], 1); continue; }
        }
        if ($stream) continue;
        return [substr($payload, 0, $options[0]), substr($payload, $options[0])];
    }
}
)";

struct Frames : ::testing::Test {
  Frames() { run.config.document_root = folder.path; }
  void script(std::string_view text) {
    run.config.script = folder.write("worker.php", std::string(kWorker) + std::string(text));
  }
  FakeExchange& request(std::string context, std::string body) {
    FakeExchange& exchange = run.source.add("POST", "/", {}, std::move(body));
    exchange.context = std::move(context);
    return exchange;
  }
  Folder folder;
  ScriptRun run;
};

TEST_F(Frames, AnUnmodifiedLoopAnswersAndEndsAtTheStopFrame) {
  script(
      "while ($r = request()) answer('{\"c\":' . strlen($r[0]) . '}', strtoupper($r[1]), 0, 8); "
      "fwrite(STDERR, 'left');");
  FakeExchange& first = request("context", "body");
  FakeExchange& second = request("c2", std::string(100'000, 'x'));
  take_log();
  run();
  EXPECT_EQ(run.report.end, ScriptEnd::stopped) << run.report.message;
  ASSERT_EQ(first.frames.size(), 1u);
  EXPECT_EQ(first.frames[0].context, "{\"c\":7}");
  EXPECT_EQ(first.frames[0].body, "BODY");
  EXPECT_EQ(first.frames[0].flags, 8);
  ASSERT_EQ(second.frames.size(), 1u);
  EXPECT_EQ(second.frames[0].body, std::string(100'000, 'X'));
  EXPECT_THAT(take_log(), ::testing::Contains("left"));
}

TEST_F(Frames, EmptyContextAndBodyComeThrough) {
  script("while ($r = request()) answer('', $r[0] === '' && $r[1] === '' ? 'both empty' : 'not');");
  FakeExchange& exchange = request("", "");
  run();
  ASSERT_EQ(exchange.frames.size(), 1u) << run.report.message;
  EXPECT_EQ(exchange.frames[0].body, "both empty");
}

TEST_F(Frames, AStreamIsDeliveredFrameByFrameAndPingsAreAnswered) {
  script(R"(while ($r = request()) {
    answer('{}', 'a', 1); answer('', 'b', 1 | 4);
    $read = [STDIN]; $none = null;
    $n = stream_select($read, $none, $none, 0);
    [, $stream] = receive();
    answer('', "$n $stream", 0);
  })");
  FakeExchange& exchange = request("c", "b");
  run();
  ASSERT_EQ(exchange.frames.size(), 3u) << run.report.message;
  EXPECT_TRUE(exchange.frames[0].more);
  EXPECT_EQ(exchange.frames[2].body, "1 8");
  EXPECT_FALSE(exchange.frames[2].more);
}

TEST_F(Frames, AClientThatLeavesStopsTheStream) {
  script(R"(while ($r = request()) { $n = 0;
    for ($i = 0; $i < 100; $i++) {
      answer($i ? '' : '{}', 'x', 1);
      $read = [STDIN]; $none = null;
      if (stream_select($read, $none, $none, 0)) { [, $stream] = receive(); if ($stream === 2) { $n = $i; break; } }
    }
    answer('', ''); fwrite(STDERR, "stopped at $n\n");
  })");
  FakeExchange& exchange = request("c", "b");
  exchange.stop_after_frames = 4;
  FakeExchange& next = request("c", "b");
  next.stop_after_frames = 2;
  take_log();
  run();
  EXPECT_EQ(exchange.frames.size(), 4u) << run.report.message;
  EXPECT_THAT(take_log(), ::testing::IsSupersetOf({"stopped at 3", "stopped at 1"}));
}

TEST_F(Frames, ErrorFramesFailTheExchangeAndTheWorkerLivesOn) {
  script(
      "while ($r = request()) { if ($r[1] === 'bad') send('boom', [], 0x40); else answer('', "
      "'ok'); }");
  FakeExchange& bad = request("c", "bad");
  FakeExchange& good = request("c", "good");
  run();
  ASSERT_TRUE(bad.error);
  EXPECT_EQ(bad.error->code, Errc::soft_job);
  EXPECT_EQ(bad.error->message, "boom");
  ASSERT_EQ(good.frames.size(), 1u);
}

// spec:01#49
TEST_F(Frames, ExitAndFatalErrorsFailTheExchangeInHand) {
  script("while ($r = request()) { exit(3); }");
  FakeExchange& exchange = request("c", "b");
  run();
  ASSERT_TRUE(exchange.error);
  EXPECT_EQ(exchange.error->code, Errc::network);
  EXPECT_EQ(run.report.end, ScriptEnd::exited);
  EXPECT_EQ(run.report.exit_status, 3);

  ScriptRun second;
  second.config.script =
      folder.write("w2.php", std::string(kWorker) + "while ($r = request()) { nope(); }");
  FakeExchange& other = second.source.add("GET", "/");
  second();
  ASSERT_TRUE(other.error);
  EXPECT_THAT(other.error->message, ::testing::HasSubstr("undefined function nope()"));
  EXPECT_EQ(second.report.end, ScriptEnd::fatal);
}

// spec:01#49
TEST_F(Frames, TheNextLifeServesTheNextExchange) {
  for (const char* end : {"exit;", "exit(1);", "nope();", "throw new Exception('x');"}) {
    script("while ($r = request()) { if ($r[1] === 'end') " + std::string(end) +
           " answer('{}', $r[1]); }");
    FakeExchange& before = request("c", "before");
    FakeExchange& ends = request("c", "end");
    FakeExchange& next = request("c", "next");
    run();
    ASSERT_EQ(before.frames.size(), 1u) << end;
    ASSERT_TRUE(ends.error) << end;
    EXPECT_EQ(ends.error->code, Errc::network) << end;
    EXPECT_TRUE(ends.frames.empty()) << end;
    EXPECT_TRUE(next.frames.empty()) << end;
    run();  // the replacement
    ASSERT_EQ(next.frames.size(), 1u) << end;
    EXPECT_EQ(next.frames[0].body, "next") << end;
  }
}

// What fread(12) returns is a header, whatever else is queued; what it asks for behind it is there.
// spec:01#50
TEST_F(Frames, AHeaderOrAFrameIsNeverSplit) {
  script(R"(
    function whole(): array {
      $head = fread(STDIN, 12);
      if (strlen($head) !== 12) throw new RuntimeException('header of ' . strlen($head));
      if (unpack('V', $head, 6)[1] !== crc32(substr($head, 0, 6))) throw new RuntimeException('no header');
      $rest = ((ord($head[0]) & 15) - 3) * 4 + unpack('V', $head, 2)[1];
      for ($body = ''; $rest > 0; $rest -= strlen($part), $body .= $part) {
        $part = fread(STDIN, min($rest, 8192));
        if (strlen($part) !== min($rest, 8192)) throw new RuntimeException('part of ' . strlen($part));
      }
      return [ord($head[1]), ord($head[10]), $body];
    }
    [, , $pid] = whole();
    send('{"pid":1}', [], 1);
    for (;;) {
      [$flags, , $body] = whole();
      if ($flags & 1) break;
      answer('', 'first', 1);
      for ($i = 0; $i < 5; ++$i) answer('', '', 1 | 4);
      $pongs = 0;
      for ($i = 0; $i < 5; ++$i) { [, $stream] = whole(); $pongs += $stream === 8; }
      $size = unpack('V', $body)[1];
      $sound = trim(substr($body, 4, $size), 'c') . trim(substr($body, 4 + $size), 'b') === '';
      answer('', "$pongs pongs, $size+" . strlen($body) - 4 - $size . ($sound ? '' : ' mixed up'));
    })");
  std::vector<std::pair<FakeExchange*, std::string>> all;
  for (const std::size_t context : {0, 1, 11, 12, 13, 8191, 8192, 8193, 100'000}) {
    for (const std::size_t body : {0, 1, 12, 4096, 8192, 300'000}) {
      all.emplace_back(&request(std::string(context, 'c'), std::string(body, 'b')),
                       std::to_string(context) + "+" + std::to_string(body));
    }
  }
  run();
  EXPECT_EQ(run.report.end, ScriptEnd::stopped) << run.report.message;
  for (const auto& [exchange, name] : all) {
    ASSERT_EQ(exchange->frames.size(), 7u) << name;
    EXPECT_EQ(exchange->frames.back().body, "5 pongs, " + name);
  }
}

TEST_F(Frames, GarbageOnStdoutFailsTheExchangeAndReplacesTheWorker) {
  script(
      "while ($r = request()) { fwrite(STDOUT, 'warning: some weird php error'); answer('', "
      "'late'); }");
  FakeExchange& exchange = request("c", "b");
  request("c", "b");
  run();
  ASSERT_TRUE(exchange.error);
  EXPECT_THAT(exchange.error->message, ::testing::HasSubstr("some weird php error"));
  EXPECT_EQ(run.source.handed_out, 1u);
  EXPECT_EQ(run.report.end, ScriptEnd::exited);
}

TEST_F(Frames, EchoGoesToTheLogAndPhpStreamsWork) {
  script(R"(file_put_contents('php://stderr', "to stderr\n"); echo "echoed\n";
    while ($r = request()) answer('', json_encode([stream_get_meta_data(STDIN)['mode'], stream_get_meta_data(STDOUT)['mode'], PHP_SAPI, $argv, $_SERVER['argc'], getmypid() > 1, file_get_contents('php://memory')]));)");
  run.config.arguments = {"one", "two"};
  FakeExchange& exchange = request("c", "b");
  take_log();
  run();
  ASSERT_EQ(exchange.frames.size(), 1u) << run.report.message;
  EXPECT_EQ(
      exchange.frames[0].body, "[\"rb\",\"wb\",\"rr-embed\",[\"" + [&] {
        std::string escaped;
        for (char c : run.config.script) escaped += c == '/' ? "\\/" : std::string(1, c);
        return escaped;
      }() + "\",\"one\",\"two\"],3,true,\"\"]");
  EXPECT_THAT(take_log(), ::testing::IsSupersetOf({"to stderr", "echoed"}));
}

TEST_F(Frames, LargeFramesAreTakenWholeAndInPieces) {
  script(
      R"(while ($r = request()) { $head = pack('CCV', 0x14, 0, 300005); $frame = $head . pack('V', crc32($head)) . "\0\0" . pack('V', 5) . '12345' . str_repeat('y', 300000);
    foreach (str_split($frame, 8192) as $piece) fwrite(STDOUT, $piece); })");
  FakeExchange& exchange = request("c", "b");
  run();
  ASSERT_EQ(exchange.frames.size(), 1u) << run.report.message;
  EXPECT_EQ(exchange.frames[0].context, "12345");
  EXPECT_EQ(exchange.frames[0].body.size(), 300'000u);
}

}  // namespace
}  // namespace rr::php::testing
