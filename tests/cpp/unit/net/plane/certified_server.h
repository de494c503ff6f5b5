// What tests of TLS and of HTTP/3's TLS share: a server whose certificates are files, and the cases
// that do not ask which library reads them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "certificate.h"
#include "gate.h"
#include "test_server.h"

namespace rr::net::testing {

// Settings and options may be changed until the first look at the server. It says 200 to requests
// that came over TLS.
class CertifiedServer : public ::testing::Test {
 protected:
  // `door`: of the options, the one that is opened with these settings.
  explicit CertifiedServer(std::optional<tls::Settings> TestServer::Options::*door) : door_(door) {
    put("server", server_certificate_);
    settings_.certificates = {files("server")};
  }
  void put(const std::string& name, const Certificate& certificate) {
    folder_.write(name + ".pem", certificate.cert_pem);
    folder_.write(name + ".key", certificate.key_pem);
  }
  tls::CertificateFiles files(const std::string& name) {
    return {folder_.path(name + ".pem"), folder_.path(name + ".key")};
  }
  TestServer& server() {
    if (!server_) {
      options_.*door_ = settings_;
      options_.crew.script = [](const ScriptContext& context) {
        const HttpRequest& request = context.exchange.request();
        respond_with(context.exchange, request.head.tls ? 200 : 500, PinnedBytes{request.body});
        return ScriptedOptions::After::next_job;
      };
      server_ = std::make_unique<TestServer>(options_);
    }
    return *server_;
  }

  // `name_for`: of the certificate that a client sees who asks for a host; empty: it sees none.
  template <class NameFor>
  void expect_certificates_by_host(NameFor name_for) {
    const Certificate second({.names = {"second.test", "*.wild.test"}, .rsa = true});
    put("second", second);
    settings_.certificates.push_back(files("second"));
    const std::pair<const char*, const char*> cases[] = {
        {"localhost", "localhost"},     {"unknown.test", "localhost"},
        {"Second.TEST", "second.test"}, {"a.wild.test", "second.test"},
        {"a.b.wild.test", "localhost"}, {"wild.test", "localhost"}};
    for (const auto& [host, name] : cases) EXPECT_EQ(name_for(host), name) << host;
  }

  // `let_in`: whether a client with this certificate, null: with none, gets an answer.
  template <class LetIn>
  void expect_clients_by_certificate(LetIn let_in) {
    const Certificate authority({.names = {"authority"}});
    const Certificate member({.names = {"member"}, .issuer = &authority});
    const Certificate stranger({.names = {"stranger"}});
    folder_.write("ca.pem", authority.cert_pem);
    using enum tls::ClientAuth;
    struct Case {
      tls::ClientAuth asked;
      bool none, stranger, member;
    };
    for (const Case& one :
         {Case{tls::ClientAuth::none, true, true, true}, Case{request, true, true, true},
          Case{require_any, false, true, true}, Case{verify_if_given, true, false, true},
          Case{require_and_verify, false, false, true}}) {
      server_.reset();
      settings_.root_ca = folder_.path("ca.pem");
      settings_.client_auth = one.asked;
      const Certificate* const nobody = nullptr;
      EXPECT_EQ(let_in(nobody), one.none) << static_cast<int>(one.asked);
      EXPECT_EQ(let_in(&stranger), one.stranger) << static_cast<int>(one.asked);
      EXPECT_EQ(let_in(&member), one.member) << static_cast<int>(one.asked);
    }
  }

  std::optional<tls::Settings> TestServer::Options::*const door_;
  TempFolder folder_;
  Certificate server_certificate_{{.names = {"localhost", "*.example.org"}}};
  tls::Settings settings_;
  TestServer::Options options_;
  std::unique_ptr<TestServer> server_;
};

}  // namespace rr::net::testing
