// Middleware and files, as clients see them.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client.h"
#include "server.h"
#include "styles.h"

namespace rr::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class Middleware : public ::testing::TestWithParam<Style> {};
INSTANTIATE_TEST_SUITE_P(Styles, Middleware, ::testing::ValuesIn(plain_styles()), style_name);

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * 31 + i / 977) % 26);
  return text;
}

Serving files(std::vector<std::string> middleware = {"static"}) {
  std::string names;
  for (const std::string& name : middleware) names += (names.empty() ? "" : ", ") + name;
  return {.http = "  middleware: [" + names +
                  "]\n  static: {dir: '{dir}/pub', calculate_etag: true}\n"};
}

ServerOptions with_files(ServerOptions options, std::map<std::string, std::string> files) {
  options.files = std::move(files);
  return options;
}

TEST_P(Middleware, FilesOfAnySizeComeWholeBesidePhp) {
  const std::vector<std::size_t> sizes{0, 1, 1000, 32 * 1024, 32 * 1024 + 1, 300'000, 9'000'000};
  std::map<std::string, std::string> content;
  for (const std::size_t size : sizes)
    content["pub/" + std::to_string(size) + ".txt"] = pattern(size);
  Server server(with_files(serve(GetParam(), files()), content));
  Client client = server.connect();
  for (int round = 0; round < 2; ++round) {
    std::string all;
    for (const std::size_t size : sizes) {
      all += request("GET", "/" + std::to_string(size) + ".txt") + request("GET", "/");
      all += request("HEAD", "/" + std::to_string(size) + ".txt");
    }
    client.send(all);
    for (const std::size_t size : sizes) {
      const Response file = client.read();
      EXPECT_EQ(file.status, 200);
      EXPECT_EQ(file.body, pattern(size));
      EXPECT_EQ(client.read().body, "hello");
      EXPECT_EQ(client.read("HEAD").header("content-length"), std::to_string(size));
    }
  }
}

// spec:02#98
TEST_P(Middleware, PartsOfAFile) {
  const std::string text = pattern(3'000'000);
  Server server(with_files(serve(GetParam(), files()), {{"pub/a.txt", text}}));
  Client client = server.connect();
  client.send(request("GET", "/a.txt", "Range: bytes=1000000-2999998\r\n"));
  const Response part = client.read();
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, text.substr(1'000'000, 1'999'999));
  EXPECT_EQ(part.header("content-range"), "bytes 1000000-2999998/3000000");
  client.send(request("GET", "/a.txt", "Range: bytes=0-9, 2000000-2500000\r\n"));
  const Response parts = client.read();
  EXPECT_EQ(parts.status, 206);
  const std::string type = parts.header("content-type");
  ASSERT_THAT(type, StartsWith("multipart/byteranges; boundary="));
  const std::string boundary = type.substr(type.find('=') + 1);
  EXPECT_EQ(parts.body, "--" + boundary +
                            "\r\nContent-Range: bytes 0-9/3000000\r\nContent-Type: text/plain; "
                            "charset=utf-8\r\n\r\n" +
                            text.substr(0, 10) + "\r\n--" + boundary +
                            "\r\nContent-Range: bytes 2000000-2500000/3000000\r\nContent-Type: "
                            "text/plain; charset=utf-8\r\n\r\n" +
                            text.substr(2'000'000, 500'001) + "\r\n--" + boundary + "--\r\n");
  client.send(request("GET", "/"));
  EXPECT_EQ(client.read().body, "hello");
}

// docs/data-plane.md, rule 6.
TEST_P(Middleware, SlowClientsOfFilesHoldNobody) {
  auto how = files();
  how.workers = 1;
  const std::string text = pattern(20'000'000);
  Server server(with_files(serve(GetParam(), how), {{"pub/a.txt", text}}));
  std::vector<Client> slow;
  for (int i = 0; i < 8; ++i) {
    slow.push_back(server.connect());
    slow.back().shrink_receive_buffer();
    slow.back().send(request("GET", "/a.txt"));
  }
  for (int i = 0; i < 20; ++i) EXPECT_EQ(server.get("/").body, "hello");
  for (Client& client : slow) EXPECT_EQ(client.read().body, text);
}

TEST_P(Middleware, AFileThatShrinksEndsTheConnection) {
  const std::string text = pattern(20'000'000);
  Server server(with_files(serve(GetParam(), files()), {{"pub/a.txt", text}}));
  Client client = server.connect();
  client.shrink_receive_buffer();
  client.send(request("GET", "/a.txt"));
  client.read_head();
  std::filesystem::resize_file(server.folder() / "pub/a.txt", 1000);
  EXPECT_LT(client.read_to_end().size(), text.size());
  EXPECT_EQ(server.get("/").body, "hello");
}

TEST_P(Middleware, ClientsThatLeaveTakeNoDescriptorWithThem) {
  Server server(with_files(serve(GetParam(), files()), {{"pub/a.txt", pattern(20'000'000)}}));
  server.get("/a.txt");
  const long before = server.usage().descriptors;
  for (int i = 0; i < 20; ++i) {
    Client client = server.connect();
    client.shrink_receive_buffer();
    client.send(request("GET", "/a.txt"));
    client.read_head();
    client.reset();
  }
  EXPECT_TRUE(eventually([&] { return server.usage().descriptors <= before + 2; }));
}

// spec:02#53
TEST_P(Middleware, AnswersAreCompressedForThoseWhoTakeIt) {
  Server server(with_files(serve(GetParam(), files({"static", "gzip"})),
                           {{"pub/a.txt", std::string(200'000, 'x')}}));
  for (const char* target : {"/large?size=100000", "/a.txt"}) {
    const Response plain = fetch(server.port(), "GET", target);
    const Response packed = fetch(server.port(), "GET", target, "Accept-Encoding: gzip\r\n");
    EXPECT_EQ(packed.header("content-encoding"), "gzip");
    EXPECT_EQ(packed.header("vary"), "Accept-Encoding");
    EXPECT_LT(packed.body.size(), plain.body.size());
    EXPECT_THAT(packed.body, StartsWith("\x1f\x8b"));
    EXPECT_EQ(plain.header("content-encoding"), "");
  }
  // A stream still comes piece by piece.
  Client client = server.connect();
  client.send(request("GET", "/stream?n=3&size=2000&wait=100", "Accept-Encoding: gzip\r\n"));
  EXPECT_EQ(client.read_head().header("content-encoding"), "gzip");
  EXPECT_NE(client.read_chunk(), "");
  EXPECT_NE(client.read_chunk(), "");
}

// Browsers look for CORS in refusals too.
TEST_P(Middleware, RefusalsHaveTheFieldsOfMiddleware) {
  Server server(serve(GetParam(), {.http = "  middleware: [headers]\n  max_request_size: 1\n"
                                           "  headers: {response: {X-R: r}, cors: {}}\n"}));
  Client client = server.connect();
  client.send(
      "POST /body HTTP/1.1\r\nHost: h\r\nOrigin: http://o\r\nContent-Length: 99999999\r\n\r\n");
  const Response refusal = client.read();
  EXPECT_EQ(refusal.status, 413);
  EXPECT_EQ(refusal.header("x-r"), "r");
  EXPECT_EQ(refusal.header("access-control-allow-origin"), "*");
}

// spec:02#59
TEST_P(Middleware, RequestsAboveTheRateAreTurnedAway) {
  Server server(serve(GetParam(), {.http = "  middleware: [rate_limiter]\n"
                                           "  rate_limiter: {rate: 2, interval: 1h, burst: 3}\n"}));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(server.get("/").status, 200);
  const Response refused = server.get("/");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.header("retry-after"), "1800");
  EXPECT_EQ(refused.header("cache-control"), "no-store");
  EXPECT_EQ(refused.body, "Too Many Requests\n");
}

TEST_P(Middleware, AFailingApplicationIsLeftAlone) {
  Server server(serve(GetParam(), {.http = "  middleware: [circuitbreaker]\n",
                                   .more = "circuitbreaker: {max_error_rate: 0.5, error_codes: "
                                           "[503], time_to_halfopen: 1h, code_when_open: 529}\n"}));
  EXPECT_EQ(server.get("/").status, 200);
  EXPECT_EQ(server.get("/status/503").status, 503);
  EXPECT_EQ(server.get("/").status, 529);
}

TEST_P(Middleware, ARequestIsAnsweredByTheListedOrder) {
  Serving how = files({"headers", "static"});
  how.http += "  headers: {response: {X-H: '1'}}\n";
  EXPECT_FALSE(
      Server(with_files(serve(GetParam(), how), {{"pub/a.txt", "a"}})).get("/a.txt").has("x-h"));
  how.http += "  middleware_order: listed\n";
  EXPECT_TRUE(
      Server(with_files(serve(GetParam(), how), {{"pub/a.txt", "a"}})).get("/a.txt").has("x-h"));
}

// A script whose every answer is another one.
ServerOptions ticking(const std::string& http) {
  return {.config =
              "version: '3'\nserver: {command: 'php {dir}/index.php'}\nhttp:\n"
              "  address: '127.0.0.1:{port}'\n  pool: {mode: classic, num_workers: 2}\n"
              "  middleware: [cache]\n" +
              http + "logs: {level: error}\n",
          .files = {{"index.php", R"(<?php
if (isset($_GET['control'])) header('Cache-Control: ' . $_GET['control']);
if (isset($_GET['etag'])) header('ETag: "e"');
if (isset($_GET['vary'])) header('Vary: ' . $_GET['vary']);
if (($_SERVER['HTTP_IF_NONE_MATCH'] ?? '') === '"e"') { http_response_code(304); exit; }
echo hrtime(true);
)"}}};
}

TEST(Cache, GivesFreshAnswersAgain) {
  Server server(ticking(""));
  const Response first = server.get("/?control=max-age%3D60&etag=1");
  EXPECT_EQ(first.header("cache-status"), "rr; fwd=miss");
  const Response again = server.get("/?control=max-age%3D60&etag=1");
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.header("cache-status"), "rr; hit");
  EXPECT_EQ(again.header("age"), "0");
  EXPECT_EQ(again.header("date"), first.header("date"));
  EXPECT_NE(server.get("/?control=max-age%3D60&etag=1&other").body, first.body);

  const auto ask = [&](const char* method, const char* fields) {
    return fetch(server.port(), method, "/?control=max-age%3D60&etag=1", fields);
  };
  EXPECT_EQ(ask("GET", "If-None-Match: \"e\"\r\n").status, 304);
  EXPECT_EQ(ask("HEAD", "").header("content-length"), std::to_string(first.body.size()));
  EXPECT_EQ(ask("GET", "Cache-Control: no-store\r\n").header("cache-status"), "rr; fwd=bypass");
  const Response asked = ask("GET", "Cache-Control: no-cache\r\n");
  EXPECT_EQ(asked.body, first.body);  // by a 304 of the application
  EXPECT_EQ(asked.status, 200);
  EXPECT_EQ(asked.header("cache-status"), "rr; fwd=stale");
  EXPECT_EQ(ask("POST", "").header("cache-status"), "rr; fwd=method");
  EXPECT_NE(ask("GET", "").body, first.body);
}

TEST(Cache, LeavesTheRestToTheApplication) {
  Server server(ticking("  cache: {default_cache: {regex: {exclude: '^/private'}}}\n"));
  for (const char* target : {"/", "/?control=private,max-age%3D60", "/private?control=max-age%3D60",
                             "/?control=max-age%3D60&vary=*"})
    EXPECT_NE(server.get(target).body, server.get(target).body) << target;
  const auto ask = [&](const char* language) {
    return fetch(server.port(), "GET", "/?control=max-age%3D60&vary=accept-language",
                 std::string("Accept-Language: ") + language + "\r\n")
        .body;
  };
  const std::string german = ask("de");
  EXPECT_NE(ask("en"), german);
  EXPECT_EQ(ask("de"), german);
  EXPECT_EQ(
      fetch(server.port(), "GET", "/none?control=max-age%3D60", "Cache-Control: only-if-cached\r\n")
          .status,
      504);
}

TEST(Cache, CanAssumeALifetime) {
  Server server(ticking("  cache: {default_cache: {ttl: 60s}}\n"));
  EXPECT_EQ(server.get("/").body, server.get("/").body);
  const auto with_cookie = [&] { return fetch(server.port(), "GET", "/", "Cookie: a=b\r\n").body; };
  EXPECT_NE(with_cookie(), with_cookie());
}

// ---- libraries

std::string library() {
  return RR_EXAMPLE_PLUGIN;
}

TEST(Libraries, AddMiddleware) {
  Server server({.config = "version: '3'\nplugins: ['" + library() +
                           "']\nrequest_id: {header: X-Rid}\n"
                           "server: {command: 'php {dir}/worker.php'}\nhttp:\n"
                           "  address: '127.0.0.1:{port}'\n"
                           "  pool: {mode: embed, num_workers: 1}\n  middleware: [request_id]\n",
                 .files = {{"worker.php", R"(<?php
$worker = new RrEmbed\Http\Worker();
while (($request = $worker->accept()) !== null) {
    $request->respond(200, [], json_encode([$request->attributes, $request->headers['X-Rid']]));
}
)"}}});
  const Response given = fetch(server.port(), "GET", "/", "X-Rid: mine\r\n");
  EXPECT_EQ(given.body, R"([{"requestId":"mine"},["mine"]])");
  EXPECT_EQ(given.header("x-rid"), "mine");
  EXPECT_THAT(given.header("server-timing"), StartsWith("app;dur="));
  const Response made = server.get("/");
  EXPECT_THAT(made.body, HasSubstr(made.header("x-rid")));
  EXPECT_NE(made.header("x-rid"), server.get("/").header("x-rid"));
}

TEST(Libraries, AttributesReachWorkersBehindFrames) {
  Server server({.config = "version: '3'\nplugins: ['" + library() +
                           "']\nrequest_id: {}\nserver: {command: 'php {dir}/worker.php'}\nhttp:\n"
                           "  address: '127.0.0.1:{port}'\n"
                           "  pool: {num_workers: 1}\n  middleware: [request_id]\n",
                 .files = {{"worker.php", R"(<?php
$read = function (int $n): string { for ($d = ''; strlen($d) < $n; $d .= fread(STDIN, $n - strlen($d)) ?: exit); return $d; };
$send = function (string $payload, array $options, int $flags): void {
    $head = chr(16 | 3 + count($options)) . chr($flags) . pack('V', strlen($payload));
    fwrite(STDOUT, $head . pack('V', crc32($head)) . "\0\0" . pack('V*', ...$options) . $payload);
    fflush(STDOUT);
};
for (;;) {
    $head = $read(12);
    $count = (ord($head[0]) & 15) - 3;
    $options = $count > 0 ? array_values(unpack('V*', $read(4 * $count))) : [];
    $payload = ($size = unpack('V', $head, 2)[1]) > 0 ? $read($size) : '';
    if (ord($head[1]) & 1) {
        if (str_contains($payload, 'stop')) exit;
        $send(json_encode(['pid' => getmypid()]), [], 1);
        continue;
    }
    $context = json_decode(substr($payload, 0, $options[0]), true);
    $answer = '{"status":200,"headers":{}}';
    $send($answer . json_encode($context['attributes']), [strlen($answer)], 8);
}
)"}}});
  EXPECT_EQ(fetch(server.port(), "GET", "/", "X-Request-Id: mine\r\n").body,
            R"({"requestId":"mine"})");
}

TEST(Libraries, ThatCannotBeLoadedEndTheStart) {
  const auto started = [](const std::string& plugins, const std::string& file = {}) {
    Server server({.config = "version: '3'\nplugins: " + plugins + "\n", .files = {{"x.so", file}}},
                  Start::do_not_wait);
    EXPECT_EQ(server.wait_exit(), 1);
    return server.log();
  };
  EXPECT_THAT(started("['{dir}/none.so']"), HasSubstr("none.so: cannot open shared object file"));
  EXPECT_THAT(started("['{dir}/x.so']", "no library"), HasSubstr("x.so"));
  EXPECT_THAT(started("[libm.so.6]"), HasSubstr("cannot be loaded"));
  EXPECT_THAT(started("['" + library() + "', '" + library() + "']"),
              HasSubstr("the plugin name \"request_id\" is taken"));
}

// ---- the file server

// spec:02#103
TEST(FileServer, ServesItsFoldersWithoutPhp) {
  Server server(
      {.config = "version: '3'\nfileserver:\n  address: '127.0.0.1:{port}'\n"
                 "  calculate_etag: true\n  serve:\n"
                 "    - {prefix: /a, root: '{dir}/a', compress: true, max_age: 5}\n"
                 "    - {prefix: /, root: '{dir}/b', bytes_range: true}\n",
       .files = {{"a/x.txt", std::string(5000, 'x')}, {"b/a/y.txt", "y"}, {"b/z.txt", "z"}}},
      Start::do_not_wait);
  ASSERT_TRUE(eventually([&] {
    try {
      return server.get("/z.txt").body == "z";
    } catch (const ConnectionClosed&) {
      return false;
    }
  }));
  EXPECT_EQ(server.get("/a/y.txt").body, "y");  // a miss falls to the next
  const Response packed = fetch(server.port(), "GET", "/A/x.txt", "Accept-Encoding: gzip\r\n");
  EXPECT_EQ(packed.header("content-encoding"), "gzip");
  EXPECT_EQ(packed.header("cache-control"), "public, max-age=5");
  EXPECT_THAT(packed.header("etag"), StartsWith("W/\"5000-"));
  EXPECT_EQ(fetch(server.port(), "GET", "/z.txt", "Range: bytes=0-0\r\n").status, 206);
  const Response refused = fetch(server.port(), "POST", "/z.txt", "", "body");
  EXPECT_EQ(refused.status, 404);
  EXPECT_EQ(refused.body, "Cannot POST /z.txt");
  EXPECT_EQ(server.get("/%2e%2e/a/x.txt").status, 404);
  server.stop();
}

}  // namespace
}  // namespace rr::e2e
