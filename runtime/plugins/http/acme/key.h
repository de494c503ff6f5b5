// A private key on P-256, and what ACME signs with it (RFC 7515, 7517, 7638).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "rr/result.h"

struct evp_pkey_st;

namespace rr::http::acme {

std::string base64url(std::string_view bytes);

// A value, cheap to copy; immutable and thread-safe.
class Key {
 public:
  static Result<Key> generate();
  // PEM, without a passphrase.
  static Result<Key> read(std::string_view pem);
  std::string pem() const;

  // The public part, as the JSON that thumbprints are made of.
  std::string jwk() const;
  std::string thumbprint() const;  // base64url
  // ES256: r and s, 32 bytes each.
  Result<std::string> sign(std::string_view text) const;

  evp_pkey_st* get() const { return key_.get(); }

 private:
  explicit Key(evp_pkey_st* key);
  std::shared_ptr<evp_pkey_st> key_;  // of all copies
};

// A request to an authority as a flattened JWS. `header`: the protected header, JSON.
Result<std::string> signed_request(const Key& key, std::string_view header,
                                   std::string_view payload);

std::string sha256(std::string_view bytes);

// The last of OpenSSL's errors, which are forgotten.
std::string openssl_error();

}  // namespace rr::http::acme
