// Requests for certificates, the certificates that come of them, and those that answer a
// tls-alpn-01 challenge.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "rr/result.h"
#include "runtime/plugins/http/acme/key.h"

struct ssl_ctx_st;

namespace rr::http::acme {

using WallTime = std::chrono::system_clock::time_point;

// A certificate signing request for one host, DER.
Result<std::string> signing_request(const Key& key, const std::string& domain);

// What counts about a chain in PEM: its first certificate.
struct Validity {
  WallTime from;
  WallTime until;
};
// An error: it is no certificate, not one for this domain, or not of this key.
Result<Validity> validity_of(std::string_view chain, const Key& key, const std::string& domain);

// The protocol that the authority asks for in a handshake (RFC 8737).
inline constexpr std::string_view kAcmeProtocol = "acme-tls/1";

// What answers that handshake for a domain: a context with a certificate that signs itself and
// shows the key authorization. Shared by whoever answers meanwhile.
Result<std::shared_ptr<ssl_ctx_st>> challenge_context(const std::string& domain,
                                                      std::string_view key_authorization);

}  // namespace rr::http::acme
