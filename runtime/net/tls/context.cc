#include "runtime/net/tls/context.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace rr::net::tls {
namespace {

// RoadRunner's (spec 02 §5.4). Those of TLS 1.3 are all fine.
constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* kGroups = "X25519:P-256:P-384:P-521";

std::string openssl_text() {
  const char* reason = ERR_reason_error_string(ERR_peek_error());
  std::string text = reason ? reason : "unknown error";
  ERR_clear_error();
  return text;
}

Error refused(std::string message) {
  return Error(Errc::invalid, "", std::move(message));
}

// `what`: "key", "cert", "root_ca". RoadRunner's words for the most common mistake.
Result<void> readable(std::string_view what, const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file >= 0) {
    ::close(file);
    return {};
  }
  const std::string name = std::string(what) + " file '" + path + "'";
  if (errno == ENOENT) return refused(name + " does not exists");
  return refused(name + " cannot be read: " + std::strerror(errno));
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

std::vector<std::string> names_of(X509* certificate) {
  std::vector<std::string> names;
  auto* all = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; all && i < sk_GENERAL_NAME_num(all); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(all, i);
    if (name->type != GEN_DNS) continue;
    names.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                       static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
  }
  GENERAL_NAMES_free(all);
  if (names.empty()) {
    char common[256];
    const int length = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName,
                                                 common, sizeof common);
    if (length > 0) names.emplace_back(common, static_cast<std::size_t>(length));
  }
  return names;
}

std::string date_text(const ASN1_TIME* time) {
  tm parts{};
  char text[32];
  if (ASN1_TIME_to_tm(time, &parts) != 1) return "an unknown date";
  return {text, strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts)};
}

int on_host_name(SSL* ssl, int*, void* all) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (!name) return SSL_TLSEXT_ERR_NOACK;
  if (SSL_CTX* context = static_cast<const Contexts*>(all)->find(name)) {
    SSL_set_SSL_CTX(ssl, context);
  }
  return SSL_TLSEXT_ERR_OK;
}

int on_alpn(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
            unsigned in_size, void* all) {
  static constexpr unsigned char kBoth[] = "\x02h2\x08http/1.1";
  const bool http2 = static_cast<const Contexts*>(all)->offers_http2();
  const unsigned char* ours = http2 ? kBoth : kBoth + 3;
  const auto size = static_cast<unsigned>(sizeof kBoth - 1 - (http2 ? 0 : 3));
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, ours, size, in, in_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

Result<void> trust(SSL_CTX* context, const Settings& settings) {
  if (settings.root_ca.empty() || settings.client_auth == ClientAuth::none) return {};
  if (auto there = readable("root_ca", settings.root_ca); !there) return there;
  // Only this file's, not the system's: whoever buys a certificate is not let in.
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(settings.root_ca.c_str());
  if (!names || SSL_CTX_load_verify_file(context, settings.root_ca.c_str()) != 1) {
    ERR_clear_error();
    sk_X509_NAME_pop_free(names, X509_NAME_free);
    return refused("could not append Certs from PEM '" + settings.root_ca + "'");
  }
  SSL_CTX_set_client_CA_list(context, names);
  int mode = SSL_VERIFY_PEER;
  if (settings.client_auth == ClientAuth::require_any ||
      settings.client_auth == ClientAuth::require_and_verify) {
    mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  }
  SSL_CTX_set_verify(context, mode, nullptr);
  if (settings.client_auth == ClientAuth::request ||
      settings.client_auth == ClientAuth::require_any) {
    SSL_CTX_set_cert_verify_callback(
        context, [](X509_STORE_CTX*, void*) { return 1; }, nullptr);
  }
  return {};
}

void set_up(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                                   SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);  // an idle connection keeps none
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_cipher_list(context, kCiphers);
  SSL_CTX_set1_groups_list(context, kGroups);
  // Sessions are in the clients' tickets; a cache would be a lock that all connections share.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  static constexpr unsigned char kName[] = "rr-embed";
  SSL_CTX_set_session_id_context(context, kName, sizeof kName - 1);
  // A key with a passphrase: OpenSSL would ask the terminal.
  SSL_CTX_set_default_passwd_cb(context, [](char*, int, int, void*) { return 0; });
}

}  // namespace

Contexts::~Contexts() {
  for (SSL_CTX* context : all_) SSL_CTX_free(context);
}

Result<std::shared_ptr<const Contexts>> Contexts::load(const Settings& settings) {
  std::shared_ptr<Contexts> contexts(new Contexts);
  contexts->http2_ = settings.http2;
  for (const CertificateFiles& files : settings.certificates) {
    if (auto added = contexts->add(settings, files); !added) return std::move(added).error();
  }
  return std::shared_ptr<const Contexts>(std::move(contexts));
}

Result<void> Contexts::add(const Settings& settings, const CertificateFiles& files) {
  if (auto there = readable("key", files.key); !there) return there;
  if (auto there = readable("cert", files.cert); !there) return there;
  ERR_clear_error();
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  if (!context) return refused("TLS: " + openssl_text());
  all_.push_back(context);
  set_up(context);
  if (SSL_CTX_use_certificate_chain_file(context, files.cert.c_str()) != 1) {
    return refused("cert file '" + files.cert + "' holds no certificate in PEM: " + openssl_text());
  }
  if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    const unsigned long error = ERR_peek_last_error();
    if (ERR_GET_LIB(error) == ERR_LIB_X509) {
      ERR_clear_error();
      return refused("key file '" + files.key + "' does not belong to cert file '" + files.cert +
                     "'");
    }
    const std::string why = openssl_text();
    return refused("key file '" + files.key +
                   "' holds no private key in PEM that can be read without a passphrase: " + why);
  }
  if (SSL_CTX_check_private_key(context) != 1) {
    ERR_clear_error();
    return refused("key file '" + files.key + "' does not belong to cert file '" + files.cert +
                   "'");
  }
  X509* certificate = SSL_CTX_get0_certificate(context);
  if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0) {
    warnings_.push_back("the certificate in '" + files.cert + "' has expired on " +
                        date_text(X509_get0_notAfter(certificate)) + ": clients will refuse it");
  } else if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0) {
    warnings_.push_back("the certificate in '" + files.cert + "' is not valid before " +
                        date_text(X509_get0_notBefore(certificate)) + ": clients will refuse it");
  }
  if (auto trusted = trust(context, settings); !trusted) return trusted;
  SSL_CTX_set_tlsext_servername_callback(context, on_host_name);
  SSL_CTX_set_tlsext_servername_arg(context, this);
  SSL_CTX_set_alpn_select_cb(context, on_alpn, this);
  if (settings.special) allow_special(context, *settings.special);
  for (const std::string& name : names_of(certificate)) names_.emplace(lower(name), context);
  return {};
}

ssl_ctx_st* Contexts::find(std::string_view host) const {
  if (all_.size() < 2) return nullptr;
  std::string name = lower(host);
  if (!name.empty() && name.back() == '.') name.pop_back();
  if (const auto found = names_.find(name); found != names_.end()) return found->second;
  const std::size_t dot = name.find('.');
  if (dot == std::string::npos) return nullptr;
  const auto found = names_.find("*" + name.substr(dot));
  return found == names_.end() ? nullptr : found->second;
}

std::size_t Contexts::place_of(std::string_view host) const {
  const auto found = std::ranges::find(all_, find(host));
  return found == all_.end() ? 0 : static_cast<std::size_t>(found - all_.begin());
}

}  // namespace rr::net::tls
