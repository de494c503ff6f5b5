// `http.ssl.acme` (spec 02 §1.3): certificates from an authority that speaks ACME (RFC 8555).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "rr/config.h"

namespace rr::http::acme {

// How the authority convinces itself that a domain is ours: a file over plain HTTP, or a handshake.
enum class ChallengeType : std::uint8_t { http, tls_alpn };

constexpr auto config_names(ChallengeType) {
  return std::array{
      std::pair<std::string_view, ChallengeType>{"http-01", ChallengeType::http},
      std::pair<std::string_view, ChallengeType>{"tlsalpn-01", ChallengeType::tls_alpn}};
}

struct AcmeConfig {
  std::string cache_dir = "rr_cache_dir";
  std::string email;
  ChallengeType challenge_type = ChallengeType::http;
  std::uint16_t alt_http_port = 80;
  std::uint16_t alt_tlsalpn_port = 443;
  bool use_production_endpoint = false;
  std::vector<std::string> domains;
  std::string directory_url;
  std::string root_ca;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("cache_dir", &AcmeConfig::cache_dir, "where account and certificates are kept"),
        field("email", &AcmeConfig::email, "of the account; required"),
        field("challenge_type", &AcmeConfig::challenge_type,
              "how the authority looks whether a domain is ours"),
        field("alt_http_port", &AcmeConfig::alt_http_port,
              "where http-01 is answered; the authority asks at port 80"),
        field("alt_tlsalpn_port", &AcmeConfig::alt_tlsalpn_port,
              "where tlsalpn-01 is answered; the authority asks at port 443"),
        field("use_production_endpoint", &AcmeConfig::use_production_endpoint,
              "Let's Encrypt's certificates that browsers trust; false: those for trials"),
        field("domains", &AcmeConfig::domains, "a certificate for each; required"),
        field("directory_url", &AcmeConfig::directory_url,
              "another authority; then use_production_endpoint means nothing"),
        field("root_ca", &AcmeConfig::root_ca,
              "PEM file: who may sign the authority's own certificate; default: the system's"),
    };
  }
  void settle();
  void check(config::Errors& errors) const;

  // The address of the authority's directory.
  std::string authority() const;
  std::uint16_t challenge_port() const {
    return challenge_type == ChallengeType::http ? alt_http_port : alt_tlsalpn_port;
  }
};

}  // namespace rr::http::acme
