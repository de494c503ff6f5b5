// The parts of the `http` section about what stands beside plain HTTP/1.1 (spec 02 §1.3, §1.4).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "rr/config.h"
#include "runtime/net/tls/context.h"
#include "runtime/plugins/http/acme/config.h"

namespace rr::http {

struct CertificateConfig {
  std::string cert;
  std::string key;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("cert", &CertificateConfig::cert, "PEM file, the server's certificate first"),
        field("key", &CertificateConfig::key, "PEM file, without a passphrase"),
    };
  }
  void check(config::Errors& errors) const {
    errors.require(!cert.empty() && !key.empty(), "cert", "a certificate needs both cert and key");
  }
};

// Where to listen, "host:port" with a port in digits.
inline bool is_host_and_port(std::string_view address) {
  const auto colon = address.rfind(':');
  if (colon == std::string_view::npos) return false;
  const std::string port(address.substr(colon + 1));
  return !port.empty() && port.size() <= 5 &&
         port.find_first_not_of("0123456789") == std::string::npos && std::stoi(port) <= 65535;
}

struct SslConfig {
  std::string address = "127.0.0.1:443";
  std::string key;
  std::string cert;
  std::vector<CertificateConfig> certificates;
  std::string root_ca;
  std::string client_auth_type;
  bool redirect = false;
  std::optional<acme::AcmeConfig> acme;

  bool enabled() const { return acme || !cert.empty() || !certificates.empty(); }

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("address", &SslConfig::address, "where to listen: host:port"),
        field("key", &SslConfig::key, "PEM file with the private key"),
        field("cert", &SslConfig::cert, "PEM file, the server's certificate first, then the chain"),
        field("certificates", &SslConfig::certificates,
              "further certificates, chosen by the host that a client names"),
        field("root_ca", &SslConfig::root_ca, "PEM file: who may sign certificates of clients"),
        field("client_auth_type", &SslConfig::client_auth_type,
              "no_client_cert, request_client_cert, require_any_client_cert, "
              "verify_client_cert_if_given, require_and_verify_client_cert; needs root_ca"),
        field("redirect", &SslConfig::redirect, "send plain HTTP to https"),
        field(
            "acme", &SslConfig::acme,
            "certificates from an authority such as Let's Encrypt; then key and cert do not count"),
    };
  }
  void check(config::Errors& errors) const {
    errors.require(acme || key.empty() == cert.empty(), key.empty() ? "key" : "cert",
                   "TLS needs both key and cert");
    if (!enabled()) return;
    errors.require(
        is_host_and_port(address), "address",
        "unknown address format, want host:port with a port of 65535 at most: " + address);
    net::tls::ClientAuth wanted{};
    const bool known = client_auth(wanted);
    errors.require(known, "client_auth_type", "unknown client_auth_type: " + client_auth_type);
    if (known && wanted != net::tls::ClientAuth::none && root_ca.empty()) {
      errors.warn("client_auth_type", "has no effect without root_ca: clients are not asked");
    }
  }

  bool client_auth(net::tls::ClientAuth& out) const {
    using enum net::tls::ClientAuth;
    static constexpr std::pair<std::string_view, net::tls::ClientAuth> kNames[] = {
        {"", none},
        {"no_client_cert", none},
        {"no_client_certs", none},
        {"request_client_cert", request},
        {"require_any_client_cert", require_any},
        {"verify_client_cert_if_given", verify_if_given},
        {"require_and_verify_client_cert", require_and_verify},
    };
    for (const auto& [name, value] : kNames) {
      if (client_auth_type != name) continue;
      out = value;
      return true;
    }
    return false;
  }
};

struct Http2Config {
  bool h2c = false;
  std::uint32_t max_concurrent_streams = 128;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("h2c", &Http2Config::h2c, "HTTP/2 without TLS on http.address (prior knowledge)"),
        field("max_concurrent_streams", &Http2Config::max_concurrent_streams,
              "requests of one connection at a time"),
    };
  }
  void settle() {
    if (max_concurrent_streams == 0) max_concurrent_streams = 128;
  }
};

struct Http3Config {
  std::string address;
  std::string key;
  std::string cert;
  bool alt_svc = false;

  bool enabled() const { return !address.empty(); }
  std::string_view port() const { return std::string_view(address).substr(address.rfind(':') + 1); }

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("address", &Http3Config::address,
              "where to listen (UDP): host:port, usually that of ssl.address"),
        field("key", &Http3Config::key, "PEM file with the private key; default: those of ssl"),
        field("cert", &Http3Config::cert,
              "PEM file, the server's certificate first, then the chain; default: those of ssl"),
        field("alt_svc", &Http3Config::alt_svc,
              "tell clients that come over TLS that HTTP/3 is there (Alt-Svc)"),
    };
  }
  void check(config::Errors& errors) const {
    errors.require(key.empty() == cert.empty(), key.empty() ? "key" : "cert",
                   "HTTP/3 needs both key and cert, or neither to use those of http.ssl");
    errors.require(enabled() || cert.empty(), "address",
                   "HTTP/3 has a certificate but no address: write host:port, such as 0.0.0.0:443");
    errors.require(
        !enabled() || is_host_and_port(address), "address",
        "unknown address format, want host:port with a port of 65535 at most: " + address);
  }
};

struct FcgiConfig {
  std::string address;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("address", &FcgiConfig::address, "where to listen: tcp://host:port, unix:///path"),
    };
  }
};

}  // namespace rr::http
