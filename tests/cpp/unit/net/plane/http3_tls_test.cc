// HTTP/3's certificates (spec 02 §1.3, §5.4) by GnuTLS: the same files as at the TLS port, the same
// clients are let in.
#include <memory>

#include <gtest/gtest.h>

#include "certified_server.h"
#include "h3_client.h"

namespace rr::net::testing {
namespace {

class Http3Tls : public CertifiedServer {
 protected:
  Http3Tls() : CertifiedServer(&TestServer::Options::quic) {}
  std::unique_ptr<H3Client> client(H3Client::Options options = {}) {
    return std::make_unique<H3Client>(server().quic_address(), options);
  }
};

TEST_F(Http3Tls, TheHostThatAClientNamesChoosesTheCertificate) {
  expect_certificates_by_host([&](const std::string& host) {
    auto one = client({.host = host});
    return one->shake_hands() ? one->peer_name() : "";
  });
}

// spec:02#55
TEST_F(Http3Tls, ClientsAreLetInByTheirCertificates) {
  expect_clients_by_certificate([&](const Certificate* own) {
    auto visitor = client({.own = own});
    return visitor->wait(visitor->request("GET", "/")) != nullptr;
  });
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
