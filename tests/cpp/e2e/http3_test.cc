// HTTP/3 of the real binary, with ngtcp2's client (gtlsclient) and a browser as peers.
#include <signal.h>
#include <sys/prctl.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pem.h"
#include "server.h"
#include "styles.h"

namespace rr::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

ServerOptions with_http3(const Style& style, const Serving& how = {}) {
  return serve_secured("http3", style, how);
}

// What the client saved of each path, in {dir}/got; its own output otherwise.
std::string fetch(const Server& server, const std::string& paths, const std::string& options = "") {
  std::string urls;
  for (std::size_t at = 0; at < paths.size();) {
    const std::size_t end = std::min(paths.find(' ', at), paths.size());
    urls += " https://localhost:{port2}" + paths.substr(at, end - at);
    at = end + 1;
  }
  return server
      .shell(
          "rm -rf {dir}/got; mkdir {dir}/got; timeout 30 gtlsclient --no-quic-dump "
          "--no-http-dump --exit-on-all-streams-close --download={dir}/got " +
          options + " 127.0.0.1 {port2}" + urls +
          " > {dir}/client.log 2>&1; echo exit $?; cat {dir}/got/* 2>/dev/null; "
          "grep -a ':status\\|Negotiated\\|http: ' {dir}/client.log")
      .output;
}

class Http3 : public ::testing::TestWithParam<Style> {};
INSTANTIATE_TEST_SUITE_P(Styles, Http3, ::testing::ValuesIn(plain_styles()), style_name);

TEST_P(Http3, TheClientOfNgtcp2GetsAnswers) {
  Server server(with_http3(GetParam()));
  const std::string got = fetch(server, "/identity?id=7");
  EXPECT_THAT(got, HasSubstr("exit 0"));
  EXPECT_THAT(got, HasSubstr("[:status: 200]"));
  EXPECT_THAT(got, HasSubstr("7  00000000"));
  EXPECT_EQ(server.get("/").body, "hello");  // the plain door beside it
}

TEST_P(Http3, BodiesOfSomeSizeBothWays) {
  Server server(with_http3(GetParam()));
  server.shell("head -c 3000000 /dev/urandom > {dir}/sent");
  const std::string got = fetch(server, "/body", "-m POST -d {dir}/sent");
  EXPECT_THAT(got, HasSubstr("exit 0"));
  const auto crc = server.shell(
      "python3 -c \"import zlib; print('%08x' % zlib.crc32(open('{dir}/sent','rb').read()))\"");
  EXPECT_THAT(got, HasSubstr(crc.output.substr(0, 8)));
  EXPECT_THAT(fetch(server, "/large?size=5000000"), HasSubstr("exit 0"));
  const auto same = server.shell(
      "curl -sS 'http://127.0.0.1:{port}/large?size=5000000' | cmp - {dir}/got/large* && echo "
      "same");
  EXPECT_THAT(same.output, HasSubstr("same"));
}

// spec:02#30
TEST_P(Http3, StreamsHintsAndTrailers) {
  Server server(with_http3(GetParam()));
  EXPECT_THAT(fetch(server, "/stream?n=3"), HasSubstr("chunk 1\nchunk 2\nchunk 3\n"));
  const std::string hints = fetch(server, "/hints");
  EXPECT_THAT(hints, HasSubstr("[:status: 103]"));
  EXPECT_THAT(hints, HasSubstr("[:status: 200]"));
}

TEST_P(Http3, ManyRequestsOnABadNetwork) {
  Server server(with_http3(GetParam()));
  const std::string got = fetch(server, "/identity?id=7 /large?size=300000",
                                "-n 40 -t 0.05 -r 0.05 --key-update=20ms --change-local-addr=30ms");
  EXPECT_THAT(got, HasSubstr("exit 0"));
  EXPECT_EQ(server.shell("grep -ac ':status: 200' {dir}/client.log").output, "40\n");
}

// An answer of two seconds is on its way while another server takes over.
class Http3Upgrade : public Http3 {
 protected:
  static ServerOptions options() {
    ServerOptions options =
        with_http3(GetParam(), {.more = "rpc: {listen: 'unix://{dir}/rpc.sock'}\n"});
    options.arguments = {"serve", "-p", "-c", "{dir}/.rr.yaml"};
    return options;
  }
  static void begin_slow(const Server& server) {
    server.shell(
        "mkdir -p {dir}/slow; (timeout 30 gtlsclient -q --exit-on-all-streams-close "
        "--download={dir}/slow 127.0.0.1 {port2} "
        "'https://localhost:{port2}/stream?n=40&wait=50&size=20000'; "
        "echo $? > {dir}/slow.exit) > /dev/null 2>&1 & "
        "while ! [ -s {dir}/slow/stream* ]; do sleep 0.02; done");
  }
  static void expect_slow_is_whole(const Server& server) {
    EXPECT_TRUE(eventually([&] { return std::filesystem::exists(server.folder() / "slow.exit"); }));
    EXPECT_EQ(server.shell("cat {dir}/slow/stream* | wc -c").output, "800000\n");
  }
};
INSTANTIATE_TEST_SUITE_P(Styles, Http3Upgrade, ::testing::ValuesIn(plain_styles()), style_name);

TEST_P(Http3Upgrade, ClientsThatAreConnectedAreServedToTheEnd) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  Server server(options());
  const pid_t before = server.serving();
  begin_slow(server);
  const auto ran = server.run({"upgrade", "-c", "{dir}/.rr.yaml"});
  ASSERT_EQ(ran.status, 0) << ran.output;
  for (int i = 0; i < 5; ++i) EXPECT_THAT(fetch(server, "/"), HasSubstr("hello"));
  expect_slow_is_whole(server);
  EXPECT_TRUE(eventually([&] { return !alive(before); }));
  EXPECT_THAT(fetch(server, "/"), HasSubstr("hello"));
  pid_t pid = 0;
  std::ifstream(server.folder() / ".pid") >> pid;
  if (pid == server.pid()) return;
  EXPECT_EQ(server.wait_exit(15s), 0) << "the old server";
  server.follow(pid);
}

// The new program comes up when the old one has served what it had; who comes meanwhile waits.
TEST_P(Http3Upgrade, ARestartLosesNoClient) {
  Server server(options());
  begin_slow(server);
  server.signal(SIGUSR2);
  // Asked for while nobody may listen: packets wait, or are sent again.
  EXPECT_THAT(fetch(server, "/"), HasSubstr("hello"));
  expect_slow_is_whole(server);
  EXPECT_THAT(fetch(server, "/"), HasSubstr("hello"));
}

class Http3Tls : public ::testing::Test {};

TEST_F(Http3Tls, BrowsersAreToldOverTls) {
  ServerOptions options =
      with_http3(plain_styles().front(),
                 {.http = "  ssl: {address: '127.0.0.1:{port2}', cert: '{dir}/cert.pem', key: "
                          "'{dir}/key.pem'}\n"});
  const std::string cert = ", cert: '{dir}/cert.pem', key: '{dir}/key.pem'}\n";
  const auto own = options.config.rfind(cert);
  options.config.replace(own, cert.size(), ", alt_svc: true}\n");  // and the certificate of ssl
  Server server(options);
  const auto secured = server.shell("curl -skI https://127.0.0.1:{port2}/");
  EXPECT_THAT(secured.output, HasSubstr(server.fill("h3=\":{port2}\"; ma=86400")));
  EXPECT_THAT(server.shell("curl -sI http://127.0.0.1:{port}/").output, Not(HasSubstr("h3=")));
  EXPECT_THAT(fetch(server, "/"), HasSubstr("hello"));
  EXPECT_THAT(server.shell("grep -ac alt-svc {dir}/client.log").output, HasSubstr("0\n"));
}

// spec:02#104
TEST_F(Http3Tls, MistakesEndTheStart) {
  const auto says = [](const std::string& http3) {
    Server server(serve(plain_styles().front(), {.http = "  http3: " + http3 + "\n"}),
                  Start::do_not_wait);
    EXPECT_EQ(server.wait_exit(), 1);
    return server.log();
  };
  EXPECT_THAT(says("{address: '127.0.0.1:{port2}'}"), HasSubstr("HTTP/3 needs a certificate"));
  EXPECT_THAT(says("{address: '127.0.0.1:{port2}', cert: x}"), HasSubstr("both key and cert"));
  EXPECT_THAT(says("{cert: x, key: y}"), HasSubstr("no address"));
  EXPECT_THAT(says("{address: here, cert: x, key: y}"), HasSubstr("unknown address format"));
  EXPECT_THAT(says("{address: '127.0.0.1:{port2}', cert: '{dir}/x', key: y}"),
              HasSubstr("does not exists"));
}

TEST_F(Http3Tls, AnAddressInUseEndsTheStart) {
  Server first(with_http3(plain_styles().front()));
  ServerOptions options = with_http3(plain_styles().front());
  const auto at = options.config.rfind("{port2}");
  options.config.replace(at, 7, std::to_string(first.second_port()));
  Server second(options, Start::do_not_wait);
  EXPECT_EQ(second.wait_exit(), 1);
  EXPECT_THAT(second.log(), HasSubstr("address already in use"));
}

// A page that asks for sixty more at once, every third with a body.
constexpr const char* kPage = R"php(<?php
if (parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) !== '/') {
    echo $_GET['i'], ' ', $_SERVER['SERVER_PROTOCOL'], ' ', strlen(file_get_contents('php://input'));
    return;
}
?><!doctype html><link rel="icon" href="data:,"><pre id="all"></pre><script>
const big = 'x'.repeat(300000);
const one = i => fetch('/one?i=' + i, i % 3 ? {} : {method: 'POST', body: big}).then(r => r.text());
Promise.all([...Array(60).keys()].map(one)).then(texts => all.textContent = texts.join(', '));
</script>
)php";

TEST_F(Http3Tls, ABrowserSpeaksIt) {
  ServerOptions options;
  options.config =
      "version: '3'\nserver: {command: 'php {dir}/page.php'}\n"
      "http: {address: '127.0.0.1:{port}', pool: {mode: classic, num_workers: 4}, http3: {address: "
      "'127.0.0.1:{port2}', cert: '{dir}/cert.pem', key: '{dir}/key.pem'}}\n";
  options.files["page.php"] = kPage;
  add_pair(options, "localhost");
  Server server(options);
  if (server.shell("command -v chromium").status != 0) {
    GTEST_SKIP() << "there is no browser here: install the package chromium";
  }
  const auto ran = server.shell(
      "SPKI=$(openssl x509 -in {dir}/cert.pem -pubkey -noout | openssl pkey -pubin -outform der | "
      "openssl dgst -sha256 -binary | base64); timeout 100 chromium --headless --no-sandbox "
      "--disable-gpu --disable-dev-shm-usage --user-data-dir={dir}/chromium "
      "--host-resolver-rules='MAP localhost 127.0.0.1' --origin-to-force-quic-on=localhost:{port2} "
      "--ignore-certificate-errors-spki-list=$SPKI --virtual-time-budget=20000 "
      "--dump-dom https://localhost:{port2}/ 2>{dir}/chromium.log; rm -rf {dir}/chromium");
  std::string expected;
  for (int i = 0; i < 60; ++i) {
    expected += (i ? ", " : "") + std::to_string(i) + " HTTP/3.0 " + (i % 3 ? "0" : "300000");
  }
  EXPECT_THAT(ran.output, HasSubstr(expected)) << server.shell("tail -5 {dir}/chromium.log").output;
}

}  // namespace
}  // namespace rr::e2e
