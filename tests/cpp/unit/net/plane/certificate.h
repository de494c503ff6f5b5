// Certificates for tests, made on the spot, and a client's side of TLS in memory.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct ssl_st;
struct ssl_ctx_st;
struct ssl_session_st;

namespace rr::net::testing {

// Tests named by RR_TEST_TLS=1 run once more over TLS: servers have a certificate, clients shake
// hands.
bool over_tls();

class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  std::string path(std::string_view name) const { return folder_ / name; }
  void write(std::string_view name, std::string_view bytes) const;

 private:
  std::filesystem::path folder_;
};

struct CertificateOptions {
  std::vector<std::string> names{"localhost"};  // the first is the common name too
  bool rsa = false;
  int from_days = -1;
  int to_days = 30;
  const struct Certificate* issuer = nullptr;  // null: signed by itself
  std::string passphrase;                      // of the key file
};

struct Certificate {
  explicit Certificate(const CertificateOptions& options = {});
  Certificate(const Certificate&) = delete;
  ~Certificate();

  std::string cert_pem;
  std::string key_pem;
  void* key = nullptr;   // EVP_PKEY
  void* x509 = nullptr;  // X509
};

// What a client wants of a handshake.
struct TlsWish {
  std::string host;                    // SNI
  std::vector<std::string> protocols;  // ALPN
  const Certificate* own = nullptr;
  ssl_session_st* session = nullptr;  // to be resumed
  int most = 0;                       // protocol version, 0: the newest
};

// Sans I/O: bytes from the server in, bytes for it out.
class TlsClient {
 public:
  explicit TlsClient(const TlsWish& wish = {});
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;

  // Goes on with the handshake; true once it is done.
  bool shake_hands();
  bool failed() const { return failed_; }
  void received(std::string_view ciphertext);
  // Appends what was decrypted; false: the server has said that it is at the end, or it failed.
  bool take(std::string& cleartext);
  void say(std::string_view cleartext);
  void append_output(std::string& ciphertext);

  std::string protocol() const;
  std::string version() const;
  std::string peer_name() const;  // common name of the server's certificate
  bool resumed() const;
  ssl_session_st* session() const;  // a reference for the caller

 private:
  ssl_ctx_st* context_ = nullptr;
  ssl_st* ssl_ = nullptr;
  bool failed_ = false;
};

}  // namespace rr::net::testing
