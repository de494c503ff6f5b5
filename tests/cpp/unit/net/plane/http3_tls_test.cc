// HTTP/3's certificates (spec 02 §1.3, §5.4) by GnuTLS: the same files as at the TLS port, the same
// clients are let in.
#include <memory>

#include <gtest/gtest.h>

#include "certificate.h"
#include "gate.h"
#include "h3_client.h"
#include "test_server.h"

namespace rr::net::testing {
namespace {

using After = ScriptedOptions::After;

class Http3Tls : public ::testing::Test {
 protected:
  Http3Tls() {
    put("server", server_certificate_);
    settings_.certificates = {files("server")};
  }
  void put(const std::string& name, const Certificate& certificate) {
    folder_.write(name + ".pem", certificate.cert_pem);
    folder_.write(name + ".key", certificate.key_pem);
  }
  tls::CertificateFiles files(const std::string& name) {
    return {folder_.path(name + ".pem"), folder_.path(name + ".key")};
  }
  TestServer& server() {
    if (!server_) {
      options_.quic = settings_;
      options_.crew.script = [](const ScriptContext& context) {
        const HttpRequest& request = context.exchange.request();
        respond_with(context.exchange, request.head.tls ? 200 : 500, PinnedBytes{request.body});
        return After::next_job;
      };
      server_ = std::make_unique<TestServer>(options_);
    }
    return *server_;
  }
  std::unique_ptr<H3Client> client(H3Client::Options options = {}) {
    return std::make_unique<H3Client>(server().quic_address(), options);
  }

  TempFolder folder_;
  Certificate server_certificate_{{.names = {"localhost", "*.example.org"}}};
  tls::Settings settings_;
  TestServer::Options options_;
  std::unique_ptr<TestServer> server_;
};

TEST_F(Http3Tls, TheHostThatAClientNamesChoosesTheCertificate) {
  const Certificate second({.names = {"second.test", "*.wild.test"}, .rsa = true});
  put("second", second);
  settings_.certificates.push_back(files("second"));
  const std::pair<const char*, const char*> cases[] = {
      {"localhost", "localhost"},     {"unknown.test", "localhost"},
      {"Second.TEST", "second.test"}, {"a.wild.test", "second.test"},
      {"a.b.wild.test", "localhost"}, {"wild.test", "localhost"}};
  for (const auto& [host, name] : cases) {
    auto one = client({.host = host});
    ASSERT_TRUE(one->shake_hands()) << host;
    EXPECT_EQ(one->peer_name(), name) << host;
  }
}

// spec:02#55
TEST_F(Http3Tls, ClientsAreLetInByTheirCertificates) {
  const Certificate authority({.names = {"authority"}});
  const Certificate member({.names = {"member"}, .issuer = &authority});
  const Certificate stranger({.names = {"stranger"}});
  folder_.write("ca.pem", authority.cert_pem);
  using enum tls::ClientAuth;
  struct Case {
    tls::ClientAuth asked;
    bool none, stranger, member;
  };
  for (const Case& one :
       {Case{tls::ClientAuth::none, true, true, true}, Case{request, true, true, true},
        Case{require_any, false, true, true}, Case{verify_if_given, true, false, true},
        Case{require_and_verify, false, false, true}}) {
    server_.reset();
    settings_.root_ca = folder_.path("ca.pem");
    settings_.client_auth = one.asked;
    const auto let_in = [&](const Certificate* own) {
      auto visitor = client({.own = own});
      return visitor->wait(visitor->request("GET", "/")) != nullptr;
    };
    EXPECT_EQ(let_in(nullptr), one.none) << static_cast<int>(one.asked);
    EXPECT_EQ(let_in(&stranger), one.stranger) << static_cast<int>(one.asked);
    EXPECT_EQ(let_in(&member), one.member) << static_cast<int>(one.asked);
  }
}

TEST_F(Http3Tls, CertificatesThatAreReadAgainAreForNewClients) {
  auto before = client();
  ASSERT_TRUE(before->shake_hands());
  const Certificate renewed({.names = {"renewed"}});
  put("server", renewed);
  ASSERT_TRUE(server().credentials->reload());
  auto after = client();
  ASSERT_TRUE(after->shake_hands());
  EXPECT_EQ(after->peer_name(), "renewed");
  EXPECT_TRUE(before->wait(before->request("GET", "/")));
  EXPECT_EQ(before->peer_name(), "localhost");
  // What cannot be used leaves the others as they are.
  folder_.write("server.key", "no key");
  EXPECT_FALSE(server().credentials->reload());
  auto still = client();
  ASSERT_TRUE(still->shake_hands());
  EXPECT_EQ(still->peer_name(), "renewed");
}

// spec:02#104
TEST_F(Http3Tls, FilesThatCannotBeUsedAreNamed) {
  const auto why = [](const tls::Settings& settings) {
    auto store = http3::CredentialsStore::open(settings, {});
    return store ? "" : store.error().message;
  };
  EXPECT_EQ(why(settings_), "");
  tls::Settings missing = settings_;
  missing.certificates[0].key = folder_.path("nowhere");
  EXPECT_NE(why(missing).find("does not exists"), std::string::npos) << why(missing);
  const Certificate other;
  folder_.write("other.key", other.key_pem);
  missing.certificates[0].key = folder_.path("other.key");
  EXPECT_NE(why(missing).find("does not belong to cert file"), std::string::npos) << why(missing);
}

}  // namespace
}  // namespace rr::net::testing
