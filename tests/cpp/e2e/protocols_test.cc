// The doors beside plain HTTP/1.1, with the distribution's clients and servers as peers.
#include <signal.h>
#include <unistd.h>

#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nginx.h"
#include "pem.h"
#include "server.h"
#include "styles.h"

namespace rr::e2e {
namespace {

using ::testing::HasSubstr;

ServerOptions with_tls(const Style& style, const Serving& how = {}) {
  return serve_secured("ssl", style, how);
}

class Protocols : public ::testing::TestWithParam<Style> {};
INSTANTIATE_TEST_SUITE_P(Styles, Protocols, ::testing::ValuesIn(plain_styles()), style_name);

TEST_P(Protocols, CurlTalksHttp11OverTls) {
  Server server(with_tls(GetParam()));
  const auto ran = server.shell(
      "curl -sS --http1.1 --cacert {dir}/cert.pem -w ' %{http_version} %{http_code}' "
      "https://localhost:{port2}/ https://localhost:{port2}/identity?id=7");
  EXPECT_THAT(ran.output, HasSubstr("hello 1.1 200"));
  EXPECT_THAT(ran.output, HasSubstr("7  00000000 1.1 200"));
  EXPECT_EQ(server.get("/").body, "hello");  // the plain door beside it
}

TEST_P(Protocols, CurlTalksHttp2OverTlsAndWithout) {
  Server server(with_tls(GetParam(), {.http = "  http2: {h2c: true}\n"}));
  const auto secured = server.shell(
      "curl -sS --http2 --cacert {dir}/cert.pem -w ' %{http_version} %{http_code}' "
      "https://localhost:{port2}/ https://localhost:{port2}/identity?id=7");
  EXPECT_THAT(secured.output, HasSubstr("hello 2 200"));
  EXPECT_THAT(secured.output, HasSubstr("7  00000000 2 200"));
  const auto plain = server.shell(
      "curl -sS --http2-prior-knowledge -w ' %{http_version} %{http_code}' "
      "http://127.0.0.1:{port}/");
  EXPECT_THAT(plain.output, HasSubstr("hello 2 200"));
  EXPECT_EQ(server.get("/").body, "hello");  // HTTP/1.1 on the same port
}

TEST_P(Protocols, H2loadAndNghttpGetEveryAnswer) {
  Server server(with_tls(GetParam()));
  const auto load = server.shell("h2load -c8 -m10 -n2000 https://127.0.0.1:{port2}/");
  EXPECT_THAT(load.output, HasSubstr("2000 succeeded, 0 failed, 0 errored"));
  EXPECT_THAT(load.output, HasSubstr("status codes: 2000 2xx"));
  const auto multi = server.shell("nghttp -ns -m20 https://127.0.0.1:{port2}/");
  EXPECT_THAT(multi.output, HasSubstr(" 200 "));
}

// Answers of quick scripts leave together, but never wait for a slow one.
TEST(Http2, AQuickAnswerDoesNotWaitForASlowScriptBehindIt) {
  ServerOptions options = with_tls(plain_styles().front());
  options.config =
      "version: '3'\n"
      "server: {command: 'php {dir}/quick.php'}\n"
      "http:\n"
      "  address: '127.0.0.1:{port}'\n"
      "  pool: {mode: embed, num_workers: 1}\n"
      "  ssl: {address: '127.0.0.1:{port2}', cert: '{dir}/cert.pem', key: '{dir}/key.pem'}\n";
  options.files["quick.php"] =
      "<?php (new RrEmbed\\Http\\Worker)->run(fn($r) => $r->path === '/slow' && usleep(2_000_000) "
      "?: 'hi');";
  Server server(std::move(options));
  // Until the only thread takes its script to be quick.
  const auto load = server.shell("h2load -c2 -m10 -n5000 https://127.0.0.1:{port2}/");
  EXPECT_THAT(load.output, HasSubstr("5000 succeeded"));
  const auto both = server.shell(
      "nghttp -ns https://127.0.0.1:{port2}/ https://127.0.0.1:{port2}/ "
      "https://127.0.0.1:{port2}/slow 2>&1");
  std::smatch quick, slow;
  const std::regex line_of("\\+([0-9.]+)(us|ms|s) +\\+[0-9.]+[a-z]+ +[0-9.]+[a-z]+ +200 +[0-9]+ /");
  ASSERT_TRUE(std::regex_search(both.output, quick, line_of)) << both.output;
  EXPECT_TRUE(quick[2] == "us" || (quick[2] == "ms" && std::stod(quick[1]) < 1000)) << both.output;
  EXPECT_THAT(both.output, HasSubstr(" /slow"));
}

// spec:02#57
TEST_P(Protocols, NginxAsFastCgiClient) {
  Server server(serve(GetParam(), {.http = "  fcgi: {address: 'unix://{dir}/app.sock'}\n"}));
  Nginx front(
      server,
      {.upstream = "unix:{dir}/app.sock",
       .location = "include /etc/nginx/fastcgi_params; fastcgi_keep_conn on; fastcgi_pass app;"});
  const auto ran = server.shell(
      "for i in 1 2 3; do curl -sS -w ' %{http_code}\n' http://127.0.0.1:{port2}/identity?id=$i; "
      "done; "
      "curl -sS -w ' %{http_code}' http://127.0.0.1:{port2}/");
  EXPECT_THAT(ran.output,
              HasSubstr("1  00000000 200\n2  00000000 200\n3  00000000 200\nhello 200"));
}

TEST_P(Protocols, NginxAsReverseProxy) {
  Server server(serve(GetParam()));
  Nginx front(server, {.location = "proxy_http_version 1.1; proxy_set_header Connection \"\"; "
                                   "proxy_pass http://app;"});
  const auto ran = server.shell(
      "for i in 1 2 3; do curl -sS -w ' %{http_code}\n' http://127.0.0.1:{port2}/identity?id=$i; "
      "done");
  EXPECT_THAT(ran.output, HasSubstr("1  00000000 200\n2  00000000 200\n3  00000000 200\n"));
}

TEST_P(Protocols, CurlThroughTheProxyProtocolAndFurtherAddresses) {
  Server server(
      serve(GetParam(), {.http = "  proxy_protocol: ['127.0.0.0/8']\n"
                                 "  addresses: ['127.0.0.1:{port2}, unix://{dir}/web.sock']\n"
                                 "  access_logs: true\n"}),
      Start::do_not_wait);
  ASSERT_TRUE(server.wait_for_log("web.sock"));
  const auto one = server.shell(
      "curl -sS --haproxy-protocol -w ' %{http_code}\n' http://127.0.0.1:{port}/ "
      "http://127.0.0.1:{port2}/;"
      "curl -sS --unix-socket {dir}/web.sock -w ' %{http_code}\n' http://x/");
  EXPECT_THAT(one.output, HasSubstr("hello 200\nhello 200\nhello 200\n"));
  const auto two = server.shell(
      "printf 'PROXY TCP4 192.0.2.7 192.0.2.1 4242 80\r\nGET /seen HTTP/1.0\r\nHost: x\r\n\r\n' | "
      "curl -sS telnet://127.0.0.1:{port} 2>/dev/null | head -1");
  EXPECT_THAT(two.output, HasSubstr("HTTP/1.0 "));
  EXPECT_TRUE(server.wait_for_log("192.0.2.7:4242"));
  // Without a header there is no telling who this is.
  const auto bare = server.shell("curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:{port}/");
  EXPECT_THAT(bare.output, HasSubstr("000"));
}

class Certificates : public ::testing::Test {
 protected:
  static std::string subject(Server& server) {
    return server
        .shell(
            "openssl s_client -connect 127.0.0.1:{port2} </dev/null 2>/dev/null | "
            "openssl x509 -noout -subject")
        .output;
  }
  static void put(const Server& server, const Pair& pair) {
    server.shell("cat > {dir}/cert.pem <<'END'\n" + pair.cert +
                 "END\ncat > {dir}/key.pem <<'END'\n" + pair.key + "END\n");
  }
};

TEST_F(Certificates, AreReadAgainAtSighup) {
  Server server(with_tls(plain_styles().front()));
  EXPECT_THAT(subject(server), HasSubstr("first"));
  put(server, make_pair("second"));
  server.signal(SIGHUP);
  ASSERT_TRUE(server.wait_for_log("certificates were read again"));
  EXPECT_THAT(subject(server), HasSubstr("second"));
}

// spec:02#104
TEST_F(Certificates, ThatDoNotFitEndTheStartWithOneMessage) {
  ServerOptions options = with_tls(plain_styles().front());
  options.files["key.pem"] = make_pair("other").key;
  Server server(std::move(options), Start::do_not_wait);
  EXPECT_EQ(server.wait_exit(), 1);
  const std::string output = server.log();
  const auto first = output.find("does not belong to cert file");
  ASSERT_NE(first, std::string::npos) << output;
  EXPECT_EQ(output.find("does not belong to cert file", first + 1), std::string::npos) << output;
}

TEST_F(Certificates, TwoDoorsOnOneAddressEndTheStart) {
  ServerOptions options = with_tls(plain_styles().front());
  for (std::size_t at; (at = options.config.find("{port2}")) != std::string::npos;)
    options.config.replace(at, 7, "{port}");
  Server server(std::move(options), Start::do_not_wait);
  EXPECT_EQ(server.wait_exit(), 1);
  EXPECT_THAT(server.log(), HasSubstr("address already in use"));
}

}  // namespace
}  // namespace rr::e2e
