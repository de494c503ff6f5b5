// HTTP/3 of the real binary, with ngtcp2's client (gtlsclient) and a browser as peers.
#include <signal.h>

#include <cstdlib>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pem.h"
#include "server.h"
#include "styles.h"

namespace rr::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

ServerOptions with_http3(const Style& style, Serving how = {}) {
  how.http +=
      "  http3: {address: '127.0.0.1:{port2}', cert: '{dir}/cert.pem', key: '{dir}/key.pem'}\n";
  ServerOptions options = serve(style, how);
  const Pair pair = make_pair("first");
  options.files["cert.pem"] = pair.cert;
  options.files["key.pem"] = pair.key;
  return options;
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
      .shell("rm -rf {dir}/got; mkdir {dir}/got; timeout 30 gtlsclient --no-quic-dump "
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

}  // namespace
}  // namespace rr::e2e
