// TLS listeners (spec 02 §1.3, §5.4): certificates and their files, who is let in, what comes out
// of a handshake.
#include <chrono>
#include <memory>

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "certified_server.h"
#include "client.h"

namespace rr::net::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

class Tls : public CertifiedServer {
 protected:
  Tls() : CertifiedServer(&TestServer::Options::tls) {}
  std::unique_ptr<Client> client(TlsWish wish = {}) {
    Client::Options options;
    options.tls = std::move(wish);
    return std::make_unique<Client>(server().address(), options);
  }
  std::string why(const tls::Settings& settings) {
    auto store = tls::Store::open(settings, {});
    return store ? "" : store.error().message;
  }
};

// spec:02#37 spec:02#106
TEST_F(Tls, AnswersOverTls13AndTls12) {
  for (const int most : {0, TLS1_2_VERSION}) {
    auto one = client({.protocols = {"http/1.1"}, .most = most});
    one->send(kGet);
    const auto answer = one->answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(one->tls()->version(), most == 0 ? "TLSv1.3" : "TLSv1.2");
    EXPECT_EQ(one->tls()->protocol(), "http/1.1");
  }
}

// spec:02#106
TEST_F(Tls, OlderVersionsAndUnknownProtocolsAreRefused) {
  EXPECT_FALSE(client({.most = TLS1_1_VERSION})->shake_hands());
  EXPECT_FALSE(client({.protocols = {"gopher"}})->shake_hands());
}

TEST_F(Tls, TheHostThatAClientNamesChoosesTheCertificate) {
  const auto name_for = [&](const std::string& host) {
    auto one = client({.host = host});
    return one->shake_hands() ? one->tls()->peer_name() : "";
  };
  expect_certificates_by_host(name_for);
  EXPECT_EQ(name_for(""), "localhost");
}

// spec:02#55
TEST_F(Tls, ClientsAreLetInByTheirCertificates) {
  expect_clients_by_certificate([&](const Certificate* own) {
    auto visitor = client({.own = own});
    visitor->send(kGet);
    return visitor->answer().has_value();
  });
}

TEST_F(Tls, SessionsAreResumedByTickets) {
  for (const int most : {0, TLS1_2_VERSION}) {
    auto first = client({.most = most});
    first->send(kGet);
    ASSERT_TRUE(first->answer());
    SSL_SESSION* session = first->tls()->session();
    auto second = client({.session = session, .most = most});
    second->send(kGet);
    ASSERT_TRUE(second->answer());
    EXPECT_FALSE(first->tls()->resumed());
    EXPECT_TRUE(second->tls()->resumed());
    SSL_SESSION_free(session);
  }
}

TEST_F(Tls, TheGuardReadsCertificatesAgainWhenTheirFilesChange) {
  server().plane.add_timed(*server().certificates);
  auto before = client();
  ASSERT_TRUE(before->shake_hands());
  const Certificate renewed({.names = {"renewed.test"}});
  put("server", renewed);
  EXPECT_TRUE(eventually([&] {
    auto one = client();
    return one->shake_hands() && one->tls()->peer_name() == "renewed.test";
  }));
  before->send(kGet);  // what was open goes on
  EXPECT_TRUE(before->answer());
  server().plane.remove_timed(*server().certificates);
}

TEST_F(Tls, FilesThatCannotBeUsedLeaveTheCertificatesAsTheyAre) {
  tls::Store& store = *server().certificates;
  folder_.write("server.pem", "nonsense");
  EXPECT_FALSE(store.reload());
  ASSERT_TRUE(client()->shake_hands());
  const Certificate renewed({.names = {"renewed.test"}});
  put("server", renewed);
  EXPECT_TRUE(store.reload());
  auto one = client();
  ASSERT_TRUE(one->shake_hands());
  EXPECT_EQ(one->tls()->peer_name(), "renewed.test");
}

// spec:02#104
TEST_F(Tls, SaysWhatIsWrongWithAFile) {
  const Certificate other;
  const Certificate rsa({.rsa = true});
  const Certificate secret({.passphrase = "secret"});
  put("other", other);
  put("rsa", rsa);
  put("secret", secret);
  folder_.write("nonsense", "nonsense");
  const auto of = [&](std::string cert, std::string key) {
    return why({.certificates = {{folder_.path(cert), folder_.path(key)}}});
  };
  EXPECT_EQ(of("server.pem", "no"), "key file '" + folder_.path("no") + "' does not exists");
  EXPECT_EQ(of("no", "server.key"), "cert file '" + folder_.path("no") + "' does not exists");
  const std::string not_ours =
      "' does not belong to cert file '" + folder_.path("server.pem") + "'";
  EXPECT_EQ(of("server.pem", "other.key"), "key file '" + folder_.path("other.key") + not_ours);
  EXPECT_EQ(of("server.pem", "rsa.key"), "key file '" + folder_.path("rsa.key") + not_ours);
  EXPECT_TRUE(
      of("nonsense", "server.key")
          .starts_with("cert file '" + folder_.path("nonsense") + "' holds no certificate in PEM"));
  EXPECT_TRUE(
      of("server.pem", "nonsense")
          .starts_with("key file '" + folder_.path("nonsense") + "' holds no private key in PEM"));
  EXPECT_TRUE(of("secret.pem", "secret.key")
                  .starts_with("key file '" + folder_.path("secret.key") +
                               "' holds no private key in PEM"));
  settings_.client_auth = tls::ClientAuth::require_and_verify;
  settings_.root_ca = folder_.path("nonsense");
  EXPECT_EQ(why(settings_), "could not append Certs from PEM '" + folder_.path("nonsense") + "'");
}

TEST_F(Tls, WarnsOfCertificatesThatClientsWillRefuse) {
  put("old", Certificate({.from_days = -30, .to_days = -2}));
  put("new", Certificate({.from_days = 2}));
  const auto warnings = [&](const std::string& name) {
    auto contexts = tls::Contexts::load({.certificates = {files(name)}});
    return contexts ? (*contexts)->warnings() : std::vector<std::string>{};
  };
  EXPECT_TRUE(warnings("server").empty());
  ASSERT_EQ(warnings("old").size(), 1u);
  EXPECT_NE(warnings("old")[0].find("has expired on"), std::string::npos);
  ASSERT_EQ(warnings("new").size(), 1u);
  EXPECT_NE(warnings("new")[0].find("is not valid before"), std::string::npos);
}

// spec:02#106
TEST_F(Tls, PlainHttpGetsAnAnswerInPlainHttp) {
  Client::Options options;
  options.tls.reset();
  Client plain(server().address(), options);
  plain.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n" + std::string(10'000, 'x'));
  EXPECT_EQ(plain.rest(),
            "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n");
}

TEST_F(Tls, ClientsThatDoNotShakeHandsAreSentAway) {
  options_.handshakes.handshake = 100ms;
  Client::Options options;
  options.tls.reset();
  Client silent(server().address(), options);
  Client nonsense(server().address(), options);
  nonsense.send("\x16\x03\x01\xff\xff");
  nonsense.flush();
  EXPECT_EQ(silent.rest(), "");
  nonsense.rest();
  EXPECT_FALSE(silent.timed_out());
  EXPECT_FALSE(nonsense.timed_out());
}

TEST_F(Tls, ADrainingServerSendsAwayWhoIsStillShakingHands) {
  Client::Options options;
  options.tls.reset();
  Client silent(server().address(), options);
  auto idle = client();
  ASSERT_TRUE(idle->shake_hands());
  EXPECT_TRUE(eventually([&] { return server().server->open_connections() == 1; }));
  server().stop();
  EXPECT_TRUE(silent.at_end());
  EXPECT_TRUE(idle->at_end());
}

TEST_F(Tls, LargeBodiesBothWays) {
  options_.max_body = 64 << 20;
  const std::string body = lettered(20 << 20);
  auto one = client();
  one->send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
            "\r\n\r\n" + body);
  const auto answer = one->answer();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->body == body);
}

}  // namespace
}  // namespace rr::net::testing
