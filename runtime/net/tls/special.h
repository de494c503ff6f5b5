// Handshakes that are for something else than what the port serves: they ask for one protocol
// alone, and get a certificate of their own for it (ACME's tls-alpn-01).
#pragma once

#include <memory>
#include <string_view>

struct ssl_ctx_st;

namespace rr::net::tls {

// Thread-safe.
class SpecialHandshakes {
 public:
  virtual std::string_view protocol() const = 0;
  // For a host in lower case; null: there is none at the moment. Shared with the handshake.
  virtual std::shared_ptr<ssl_ctx_st> context_for(std::string_view host) const = 0;

 protected:
  ~SpecialHandshakes() = default;
};

// Such handshakes on `context` go by `special`, which outlives it; one that it has nothing for
// fails. All others go on as ever.
void allow_special(ssl_ctx_st* context, const SpecialHandshakes& special);

}  // namespace rr::net::tls
