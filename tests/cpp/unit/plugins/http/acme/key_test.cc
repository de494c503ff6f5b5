// What ACME signs and asks for: keys, requests, certificates for challenges.
#include "runtime/plugins/http/acme/key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "runtime/core/config/config.h"
#include "runtime/plugins/http/acme/certificate.h"
#include "runtime/plugins/http/acme/challenges.h"
#include "runtime/plugins/http/acme/config.h"

namespace rr::http::acme {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

TEST(Base64Url, HasNoPaddingAndItsOwnAlphabet) {
  EXPECT_EQ(base64url(""), "");
  EXPECT_EQ(base64url("f"), "Zg");
  EXPECT_EQ(base64url("fo"), "Zm8");
  EXPECT_EQ(base64url("foo"), "Zm9v");
  EXPECT_EQ(base64url("\xfb\xff\xfe"), "-__-");
}

// The example of RFC 7638 is RSA; this one is ours, made with `openssl` and Python's hashlib.
TEST(AcmeKey, ComesBackFromItsText) {
  const Key key = Key::generate().value();
  const Key again = Key::read(key.pem()).value();
  EXPECT_EQ(key.jwk(), again.jwk());
  EXPECT_EQ(key.thumbprint(), again.thumbprint());
  EXPECT_EQ(key.thumbprint().size(), 43U);
  EXPECT_THAT(key.pem(), HasSubstr("-----BEGIN EC PRIVATE KEY-----"));
  EXPECT_THAT(
      key.jwk(),
      MatchesRegex(
          R"(\{"crv":"P-256","kty":"EC","x":"[A-Za-z0-9_-]{43}","y":"[A-Za-z0-9_-]{43}"\})"));
  EXPECT_FALSE(Key::read("no key"));
}

TEST(AcmeKey, SignaturesAreTwoNumbersOfThirtyTwoBytes) {
  const Key key = Key::generate().value();
  for (int i = 0; i < 50; ++i) {  // leading zeros come now and then
    const std::string signature = key.sign("text").value();
    ASSERT_EQ(signature.size(), 64U);
    ECDSA_SIG* parts = ECDSA_SIG_new();
    const auto* bytes = reinterpret_cast<const unsigned char*>(signature.data());
    ECDSA_SIG_set0(parts, BN_bin2bn(bytes, 32, nullptr), BN_bin2bn(bytes + 32, 32, nullptr));
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(parts, &der);
    ECDSA_SIG_free(parts);
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, key.get());
    EXPECT_EQ(EVP_DigestVerify(context, der, static_cast<std::size_t>(size),
                               reinterpret_cast<const unsigned char*>("text"), 4),
              1);
    EVP_MD_CTX_free(context);
    OPENSSL_free(der);
  }
}

TEST(SigningRequest, IsForOneHost) {
  const Key key = Key::generate().value();
  const std::string der = signing_request(key, "a.example.org").value();
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  X509_REQ* request = d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size()));
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(X509_REQ_verify(request, key.get()), 1);
  STACK_OF(X509_EXTENSION)* extensions = X509_REQ_get_extensions(request);
  EXPECT_EQ(sk_X509_EXTENSION_num(extensions), 1);
  sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
  X509_REQ_free(request);
}

// A handshake as the authority makes it, in memory: the certificate shows what RFC 8737 wants.
TEST(ChallengeHandshake, ShowsTheDigestToWhoAsksForTheProtocolAndTheHost) {
  Challenges challenges;
  auto answer = challenges.answer_handshake("a.example.org", "token.thumb");
  ASSERT_TRUE(answer);
  SSL_CTX* server_context = SSL_CTX_new(TLS_server_method());
  net::tls::allow_special(server_context, challenges);
  SSL_CTX* client_context = SSL_CTX_new(TLS_client_method());
  const auto shake = [&](const std::string& host, const std::string& protocols) {
    SSL* server = SSL_new(server_context);
    SSL* client = SSL_new(client_context);
    BIO *ours = nullptr, *theirs = nullptr;
    BIO_new_bio_pair(&ours, 0, &theirs, 0);
    SSL_set_bio(server, ours, ours);
    SSL_set_bio(client, theirs, theirs);
    SSL_set_accept_state(server);
    SSL_set_connect_state(client);
    SSL_set_tlsext_host_name(client, host.c_str());
    SSL_set_alpn_protos(client, reinterpret_cast<const unsigned char*>(protocols.data()),
                        static_cast<unsigned>(protocols.size()));
    for (int i = 0; i < 10; ++i) {
      SSL_do_handshake(client);
      SSL_do_handshake(server);
    }
    X509* shown = SSL_is_init_finished(client) ? SSL_get1_peer_certificate(client) : nullptr;
    SSL_free(client);
    SSL_free(server);
    return shown;
  };
  X509* shown = shake("A.example.org",
                      "\x0a"
                      "acme-tls/1");
  ASSERT_NE(shown, nullptr);
  EXPECT_EQ(X509_check_host(shown, "a.example.org", 0, 0, nullptr), 1);
  ASN1_OBJECT* id = OBJ_txt2obj("1.3.6.1.5.5.7.1.31", 1);
  const int place = X509_get_ext_by_OBJ(shown, id, -1);
  ASN1_OBJECT_free(id);
  ASSERT_GE(place, 0);
  X509_EXTENSION* extension = X509_get_ext(shown, place);
  EXPECT_EQ(X509_EXTENSION_get_critical(extension), 1);
  const ASN1_OCTET_STRING* data = X509_EXTENSION_get_data(extension);
  const std::string value(reinterpret_cast<const char*>(ASN1_STRING_get0_data(data)),
                          static_cast<std::size_t>(ASN1_STRING_length(data)));
  EXPECT_EQ(value, "\x04\x20" + sha256("token.thumb"));
  X509_free(shown);
  EXPECT_EQ(shake("b.example.org",
                  "\x0a"
                  "acme-tls/1"),
            nullptr);
  EXPECT_EQ(shake("a.example.org",
                  "\x08"
                  "http/1.1"),
            nullptr);  // no certificate but that one
  EXPECT_EQ(shake("a.example.org",
                  "\x08http/1.1\x0a"
                  "acme-tls/1"),
            nullptr);
  { const Challenges::Answer over = std::move(*answer); }
  EXPECT_EQ(shake("a.example.org",
                  "\x0a"
                  "acme-tls/1"),
            nullptr);
  EXPECT_FALSE(challenges.any());
  SSL_CTX_free(client_context);
  SSL_CTX_free(server_context);
}

TEST(ChallengeFiles, AreThereWhileTheyAreAskedFor) {
  Challenges challenges;
  const std::string path = std::string(Challenges::kFolder) + "token";
  EXPECT_FALSE(challenges.file(path));
  {
    const auto answer = challenges.answer_file("token", "token.thumb");
    EXPECT_EQ(challenges.file(path), "token.thumb");
    EXPECT_FALSE(challenges.file(path + "x"));
    EXPECT_FALSE(challenges.file("/token"));
  }
  EXPECT_FALSE(challenges.file(path));
}

// spec:02 §1.3
TEST(AcmeConfig, HasRoadRunnersDefaultsAndTexts) {
  const auto failure = [](const std::string& text) -> std::string {
    config::Source source;
    source.text = "acme: " + text;
    try {
      config::load(source).section<AcmeConfig>("acme");
    } catch (const ConfigError& e) {
      return e.what();
    }
    return "fine";
  };
  EXPECT_THAT(failure("{domains: [a.org]}"), HasSubstr("email could not be empty"));
  EXPECT_THAT(failure("{email: x}"), HasSubstr("should be at least 1 domain"));
  EXPECT_EQ(failure("{email: x, domains: [A.org]}"), "fine");
  EXPECT_THAT(failure("{email: x, domains: [a.org, A.org]}"), HasSubstr("there twice"));
  config::Source source;
  source.text = "acme: {email: x, domains: [A.org], alt_http_port: 0}";
  const auto acme = config::load(source).section<AcmeConfig>("acme");
  EXPECT_EQ(acme.cache_dir, "rr_cache_dir");
  EXPECT_EQ(acme.challenge_type, ChallengeType::http);
  EXPECT_EQ(acme.challenge_port(), 80);
  EXPECT_EQ(acme.alt_tlsalpn_port, 443);
  EXPECT_EQ(acme.domains.front(), "a.org");
  EXPECT_THAT(acme.authority(), HasSubstr("staging"));
}

}  // namespace
}  // namespace rr::http::acme
