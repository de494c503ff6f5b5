// The certificates of HTTP/3: the same files as tls::Contexts reads, for GnuTLS, which does the
// handshakes of QUIC.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rr/result.h"
#include "runtime/net/tls/context.h"
#include "runtime/net/tls/store.h"

struct gnutls_certificate_credentials_st;
struct gnutls_priority_st;
struct gnutls_session_int;

namespace rr::net::http3 {

// One reading of the files; immutable. Any thread.
class Credentials final {
 public:
  // Errors name the file and what is wrong with it, as tls::Contexts::load does, which reads them
  // first.
  static Result<std::shared_ptr<const Credentials>> load(const tls::Settings& settings);
  ~Credentials();
  Credentials(const Credentials&) = delete;

  // What is no error but should be known.
  const std::vector<std::string>& warnings() const { return known_->warnings(); }

  // A server's side of a handshake: TLS 1.3, ALPN "h3", resumption without early data. It is the
  // caller's; these credentials must outlive it. Null: out of memory.
  gnutls_session_int* new_session() const;

 private:
  Credentials() = default;

  friend struct CredentialsCallbacks;
  Result<gnutls_certificate_credentials_st*> read(const tls::Settings& settings,
                                                  const tls::CertificateFiles& files) const;

  std::shared_ptr<const tls::Contexts> known_;           // the same files; says which is for whom
  std::vector<gnutls_certificate_credentials_st*> all_;  // in the order of Settings::certificates
  gnutls_priority_st* priorities_ = nullptr;
  std::string ticket_key_;
  tls::ClientAuth client_auth_ = tls::ClientAuth::none;
};

using CredentialsStore = tls::StoreOf<Credentials>;

}  // namespace rr::net::http3
