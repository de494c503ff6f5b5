#include "certificate.h"

#include <stdlib.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace rr::net::testing {
namespace {

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

void add_extension(X509* certificate, int nid, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

}  // namespace

bool over_tls() {
  static const bool wanted = std::getenv("RR_TEST_TLS") != nullptr;
  return wanted;
}

TempFolder::TempFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "rr-tls-XXXXXX").string();
  if (!::mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
  folder_ = name;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void TempFolder::write(std::string_view name, std::string_view bytes) const {
  // As certificate tools do it: readers see the old file or the new one.
  const std::string next = path(std::string(name) + ".new");
  std::ofstream(next, std::ios::binary) << bytes;
  std::filesystem::rename(next, path(name));
}

Certificate::Certificate(const CertificateOptions& options) {
  EVP_PKEY* pair = options.rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  static long serial = 1;
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), 86400L * options.from_days);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 86400L * options.to_days);
  X509_set_pubkey(certificate, pair);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(options.names[0].c_str()), -1,
                             -1, 0);
  X509_set_issuer_name(
      certificate,
      options.issuer ? X509_get_subject_name(static_cast<X509*>(options.issuer->x509)) : name);
  std::string names;
  for (const std::string& each : options.names) names += (names.empty() ? "DNS:" : ",DNS:") + each;
  add_extension(certificate, NID_subject_alt_name, names);
  add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(certificate, options.issuer ? static_cast<EVP_PKEY*>(options.issuer->key) : pair,
            EVP_sha256());
  key = pair;
  x509 = certificate;
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(out, certificate);
  cert_pem = text_of(out);
  out = BIO_new(BIO_s_mem());
  const bool secret = !options.passphrase.empty();
  PEM_write_bio_PrivateKey(out, pair, secret ? EVP_aes_128_cbc() : nullptr,
                           reinterpret_cast<const unsigned char*>(options.passphrase.data()),
                           static_cast<int>(options.passphrase.size()), nullptr, nullptr);
  key_pem = text_of(out);
}

Certificate::~Certificate() {
  EVP_PKEY_free(static_cast<EVP_PKEY*>(key));
  X509_free(static_cast<X509*>(x509));
}

TlsClient::TlsClient(const TlsWish& wish) : context_(SSL_CTX_new(TLS_client_method())) {
  if (wish.most != 0) SSL_CTX_set_max_proto_version(context_, wish.most);
  if (wish.own) {
    SSL_CTX_use_certificate(context_, static_cast<X509*>(wish.own->x509));
    SSL_CTX_use_PrivateKey(context_, static_cast<EVP_PKEY*>(wish.own->key));
  }
  ssl_ = SSL_new(context_);
  SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  if (!wish.host.empty()) SSL_set_tlsext_host_name(ssl_, wish.host.c_str());
  std::string list;
  for (const std::string& each : wish.protocols) list += static_cast<char>(each.size()) + each;
  if (!list.empty()) {
    SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>(list.data()),
                        static_cast<unsigned>(list.size()));
  }
  if (wish.session) SSL_set_session(ssl_, wish.session);
  SSL_set_connect_state(ssl_);
}

TlsClient::~TlsClient() {
  SSL_free(ssl_);
  SSL_CTX_free(context_);
}

bool TlsClient::shake_hands() {
  ERR_clear_error();
  const int done = SSL_do_handshake(ssl_);
  if (done == 1) return true;
  if (SSL_get_error(ssl_, done) != SSL_ERROR_WANT_READ) failed_ = true;
  return false;
}

void TlsClient::received(std::string_view ciphertext) {
  BIO_write(SSL_get_rbio(ssl_), ciphertext.data(), static_cast<int>(ciphertext.size()));
}

bool TlsClient::take(std::string& cleartext) {
  char bytes[16 * 1024];
  for (;;) {
    ERR_clear_error();
    const int count = SSL_read(ssl_, bytes, sizeof bytes);
    if (count > 0) {
      cleartext.append(bytes, static_cast<std::size_t>(count));
      continue;
    }
    const int why = SSL_get_error(ssl_, count);
    if (why == SSL_ERROR_WANT_READ) return true;
    failed_ |= why != SSL_ERROR_ZERO_RETURN;
    return false;
  }
}

void TlsClient::say(std::string_view cleartext) {
  if (!cleartext.empty()) {
    SSL_write(ssl_, cleartext.data(), static_cast<int>(cleartext.size()));
  }
}

void TlsClient::append_output(std::string& ciphertext) {
  char bytes[16 * 1024];
  int count;
  while ((count = BIO_read(SSL_get_wbio(ssl_), bytes, sizeof bytes)) > 0) {
    ciphertext.append(bytes, static_cast<std::size_t>(count));
  }
}

std::string TlsClient::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_, &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

std::string TlsClient::version() const {
  return SSL_get_version(ssl_);
}

std::string TlsClient::peer_name() const {
  X509* certificate = SSL_get0_peer_certificate(ssl_);
  if (!certificate) return {};
  char name[256] = {};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
  return name;
}

bool TlsClient::resumed() const {
  return SSL_session_reused(ssl_) == 1;
}

ssl_session_st* TlsClient::session() const {
  return SSL_get1_session(ssl_);
}

}  // namespace rr::net::testing
