// What a TLS listener says about itself: certificates, who may come in, protocols. Read from files.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rr/result.h"
#include "runtime/net/tls/special.h"

struct ssl_ctx_st;

namespace rr::net::tls {

struct CertificateFiles {
  std::string cert;  // PEM, the server's first, then the chain
  std::string key;
};

// What is asked of clients. RoadRunner's names, Go's meaning: `request` and `require_any` look at
// no signature.
enum class ClientAuth : std::uint8_t {
  none,
  request,
  require_any,
  verify_if_given,
  require_and_verify,
};

struct Settings {
  std::vector<CertificateFiles>
      certificates;     // the first is for clients that name no host, or none we know
  std::string root_ca;  // PEM: who may sign clients' certificates
  ClientAuth client_auth = ClientAuth::none;
  bool http2 = true;
  const SpecialHandshakes* special = nullptr;  // outlives every use of the settings; null: none
};

// One reading of the files; immutable. Each listener's sessions and tickets belong to its reading:
// after another one clients shake hands in full.
class Contexts final {
 public:
  // Errors name the file and what is wrong with it. What is no error but should be known, a
  // certificate that has expired, is in warnings().
  static Result<std::shared_ptr<const Contexts>> load(const Settings& settings);
  ~Contexts();
  Contexts(const Contexts&) = delete;

  ssl_ctx_st* first() const { return all_.front(); }
  // For a host name as a client sent it; null when no certificate names it.
  ssl_ctx_st* find(std::string_view host) const;
  // The same as a place in Settings::certificates; the first when none names it.
  std::size_t place_of(std::string_view host) const;
  const std::vector<std::string>& warnings() const { return warnings_; }
  bool offers_http2() const { return http2_; }

 private:
  Contexts() = default;
  Result<void> add(const Settings& settings, const CertificateFiles& files);

  std::vector<ssl_ctx_st*> all_;
  std::map<std::string, ssl_ctx_st*, std::less<>> names_;  // lower case; "*.example.org" as it is
  std::vector<std::string> warnings_;
  bool http2_ = true;
};

}  // namespace rr::net::tls
