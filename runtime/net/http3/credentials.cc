#include "runtime/net/http3/credentials.h"

#include <new>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

namespace rr::net::http3 {
namespace {

// As the TLS port has it (spec 02 §5.4), and what QUIC asks for.
constexpr const char* kPriorities =
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:"
    "-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1:+GROUP-SECP521R1:"
    "%DISABLE_TLS13_COMPAT_MODE";

Error refused(std::string what, int code) {
  return Error(Errc::invalid, "",
               std::move(what) + " cannot be used for HTTP/3: " + gnutls_strerror(code));
}

}  // namespace

struct CredentialsCallbacks {
  // The certificate is for the host that the client names.
  static int host_named(gnutls_session_t session) {
    const auto& self = *static_cast<const Credentials*>(gnutls_db_get_ptr(session));
    char name[256];
    std::size_t size = sizeof name;
    unsigned type = 0;
    if (gnutls_server_name_get(session, name, &size, &type, 0) != 0) size = 0;
    const std::size_t place = self.known_->place_of({name, size});
    return gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, self.all_[place]);
  }

  // A certificate that the client gave is one of the authorities', and one for clients. Whether it
  // must give one is another question.
  static int verify(gnutls_session_t session) {
    unsigned count = 0;
    if (!gnutls_certificate_get_peers(session, &count) || count == 0) return 0;
    gnutls_typed_vdata_st purpose{
        GNUTLS_DT_KEY_PURPOSE_OID,
        reinterpret_cast<unsigned char*>(const_cast<char*>(GNUTLS_KP_TLS_WWW_CLIENT)), 0};
    unsigned status = 0;
    const int code = gnutls_certificate_verify_peers(session, &purpose, 1, &status);
    if (code < 0) return code;
    return status == 0 ? 0 : GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
  }
};

Result<gnutls_certificate_credentials_st*> Credentials::read(
    const tls::Settings& settings, const tls::CertificateFiles& files) const {
  gnutls_certificate_credentials_t one = nullptr;
  if (gnutls_certificate_allocate_credentials(&one) != 0) throw std::bad_alloc();
  const auto fail = [&](std::string what, int code) {
    gnutls_certificate_free_credentials(one);
    return refused(std::move(what), code);
  };
  const int code = gnutls_certificate_set_x509_key_file(one, files.cert.c_str(), files.key.c_str(),
                                                        GNUTLS_X509_FMT_PEM);
  if (code < 0) return fail("cert file '" + files.cert + "'", code);
  if (client_auth_ == tls::ClientAuth::none) return one;
  const int trusted =
      gnutls_certificate_set_x509_trust_file(one, settings.root_ca.c_str(), GNUTLS_X509_FMT_PEM);
  if (trusted <= 0) return fail("root_ca file '" + settings.root_ca + "'", trusted);
  return one;
}

Result<std::shared_ptr<const Credentials>> Credentials::load(const tls::Settings& settings) {
  // Another library's opinion of the same files, in words that users know from there.
  auto known = tls::Contexts::load(settings);
  if (!known) return std::move(known).error();
  std::shared_ptr<Credentials> all(new Credentials);
  all->known_ = std::move(*known);
  if (!settings.root_ca.empty()) all->client_auth_ = settings.client_auth;
  for (const tls::CertificateFiles& files : settings.certificates) {
    auto one = all->read(settings, files);
    if (!one) return std::move(one).error();
    all->all_.push_back(*one);
  }
  const char* wrong = nullptr;
  if (const int code = gnutls_priority_init(&all->priorities_, kPriorities, &wrong); code != 0) {
    return refused("the system's policy for GnuTLS", code);
  }
  gnutls_datum_t key{};
  if (gnutls_session_ticket_key_generate(&key) != 0) throw std::bad_alloc();
  all->ticket_key_.assign(reinterpret_cast<const char*>(key.data), key.size);
  gnutls_memset(key.data, 0, key.size);
  gnutls_free(key.data);
  return std::shared_ptr<const Credentials>(std::move(all));
}

Credentials::~Credentials() {
  gnutls_memset(ticket_key_.data(), 0, ticket_key_.size());
  if (priorities_) gnutls_priority_deinit(priorities_);
  for (auto* one : all_) gnutls_certificate_free_credentials(one);
}

gnutls_session_int* Credentials::new_session() const {
  gnutls_session_t session = nullptr;
  // The ticket is sent when the handshake is over, by QUIC's hand.
  if (gnutls_init(&session, GNUTLS_SERVER | GNUTLS_NO_AUTO_SEND_TICKET) != 0) return nullptr;
  gnutls_priority_set(session, priorities_);
  gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, all_.front());
  // The session's own pointer is for ngtcp2; this one is for a cache that there is not.
  gnutls_db_set_ptr(session, const_cast<Credentials*>(this));
  gnutls_handshake_set_post_client_hello_function(session, CredentialsCallbacks::host_named);
  const gnutls_datum_t key{reinterpret_cast<unsigned char*>(const_cast<char*>(ticket_key_.data())),
                           static_cast<unsigned>(ticket_key_.size())};
  gnutls_session_ticket_enable_server(session, &key);
  static unsigned char name[] = {'h', '3'};
  const gnutls_datum_t protocol{name, sizeof name};
  gnutls_alpn_set_protocols(session, &protocol, 1, GNUTLS_ALPN_MANDATORY);
  using enum tls::ClientAuth;
  switch (client_auth_) {
    case none:
      break;
    case request:
      gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUEST);
      break;
    case require_any:
      gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUIRE);
      break;
    case verify_if_given:
      gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUEST);
      gnutls_session_set_verify_function(session, CredentialsCallbacks::verify);
      break;
    case require_and_verify:
      gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUIRE);
      gnutls_session_set_verify_function(session, CredentialsCallbacks::verify);
      break;
  }
  return session;
}

}  // namespace rr::net::http3
