#include "runtime/plugins/http/acme/certificate.h"

#include <ctime>

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace rr::http::acme {
namespace {

template <auto kFree>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Request = std::unique_ptr<X509_REQ, Freed<X509_REQ_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;

Error failed(std::string_view what) {
  return Error(Errc::io, "", std::string(what) + ": " + openssl_error());
}

// The alternative name of one host, which has been checked: no text of it means anything here.
Extension host_name(const std::string& domain) {
  return Extension(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, ("DNS:" + domain).c_str()));
}

// id-pe-acmeIdentifier: the digest of the key authorization, critical.
Extension acme_identifier(std::string_view key_authorization) {
  const std::string digest = sha256(key_authorization);
  std::string der = {'\x04', static_cast<char>(digest.size())};
  der += digest;
  const std::unique_ptr<ASN1_OBJECT, Freed<ASN1_OBJECT_free>> id(
      OBJ_txt2obj("1.3.6.1.5.5.7.1.31", 1));
  const std::unique_ptr<ASN1_OCTET_STRING, Freed<ASN1_OCTET_STRING_free>> data(
      ASN1_OCTET_STRING_new());
  ASN1_OCTET_STRING_set(data.get(), reinterpret_cast<const unsigned char*>(der.data()),
                        static_cast<int>(der.size()));
  return Extension(X509_EXTENSION_create_by_OBJ(nullptr, id.get(), 1, data.get()));
}

Result<WallTime> time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return failed("a date that is none");
  return std::chrono::system_clock::from_time_t(timegm(&parts));
}

Result<Certificate> self_signed(const Key& key, const std::string& domain,
                                std::string_view key_authorization) {
  Certificate certificate(X509_new());
  X509* const x = certificate.get();
  X509_set_version(x, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
  constexpr long kDay = 24 * 60 * 60;
  X509_gmtime_adj(X509_getm_notBefore(x), -kDay);
  X509_gmtime_adj(X509_getm_notAfter(x), kDay);
  X509_NAME* const name = X509_get_subject_name(x);
  X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("ACME challenge"), -1, -1, 0);
  X509_set_issuer_name(x, name);
  const Extension names = host_name(domain), identifier = acme_identifier(key_authorization);
  if (!names || !identifier || X509_add_ext(x, names.get(), -1) != 1 ||
      X509_add_ext(x, identifier.get(), -1) != 1 || X509_set_pubkey(x, key.get()) != 1 ||
      X509_sign(x, key.get(), EVP_sha256()) == 0)
    return failed("no certificate for the challenge could be made");
  return certificate;
}

int on_alpn(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
            unsigned in_size, void*) {
  static constexpr unsigned char kOurs[] =
      "\x0a"
      "acme-tls/1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kOurs, sizeof kOurs - 1, in, in_size) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

Result<std::string> signing_request(const Key& key, const std::string& domain) {
  const Request request(X509_REQ_new());
  const Extension name = host_name(domain);
  if (!name) return failed("no request for a certificate could be made");
  STACK_OF(X509_EXTENSION)* extensions = sk_X509_EXTENSION_new_null();
  sk_X509_EXTENSION_push(extensions, name.get());
  const bool made = X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) == 1 &&
                    X509_REQ_add_extensions(request.get(), extensions) == 1 &&
                    X509_REQ_set_pubkey(request.get(), key.get()) == 1 &&
                    X509_REQ_sign(request.get(), key.get(), EVP_sha256()) != 0;
  sk_X509_EXTENSION_free(extensions);
  if (!made) return failed("no request for a certificate could be made");
  unsigned char* der = nullptr;
  const int size = i2d_X509_REQ(request.get(), &der);
  if (size <= 0) return failed("no request for a certificate could be made");
  std::string bytes(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

Result<Validity> validity_of(std::string_view chain, const Key& key, const std::string& domain) {
  const std::unique_ptr<BIO, Freed<BIO_free>> in(
      BIO_new_mem_buf(chain.data(), static_cast<int>(chain.size())));
  const Certificate first(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
  if (!first) return failed("no certificate in PEM");
  if (X509_check_private_key(first.get(), key.get()) != 1) {
    openssl_error();
    return Error(Errc::invalid, "", "the certificate does not belong to the key");
  }
  if (X509_check_host(first.get(), domain.data(), domain.size(), 0, nullptr) != 1)
    return Error(Errc::invalid, "", "the certificate is not for " + domain);
  auto from = time_of(X509_get0_notBefore(first.get()));
  auto until = time_of(X509_get0_notAfter(first.get()));
  if (!from) return std::move(from).error();
  if (!until) return std::move(until).error();
  return Validity{*from, *until};
}

Result<std::shared_ptr<ssl_ctx_st>> challenge_context(const std::string& domain,
                                                      std::string_view key_authorization) {
  auto key = Key::generate();
  if (!key) return std::move(key).error();
  auto certificate = self_signed(*key, domain, key_authorization);
  if (!certificate) return std::move(certificate).error();
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  if (SSL_CTX_use_certificate(context.get(), certificate->get()) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), key->get()) != 1)
    return failed("no certificate for the challenge could be made");
  SSL_CTX_set_alpn_select_cb(context.get(), on_alpn, nullptr);
  // One of its own, or that of the door's context would choose another certificate.
  SSL_CTX_set_tlsext_servername_callback(
      context.get(), +[](SSL*, int*, void*) -> int { return SSL_TLSEXT_ERR_OK; });
  return context;
}

}  // namespace rr::http::acme
