// TLS of a client, over OpenSSL.
#pragma once

#include <memory>
#include <string>

#include <openssl/ssl.h>

#include "rr/result.h"
#include "runtime/net/redis/settings.h"

namespace rr::redis {

// Certificates and trust. Thread-safe once made.
class TlsContext {
 public:
  static Result<std::unique_ptr<TlsContext>> make(const TlsSettings& settings);
  SSL_CTX* get() { return context_.get(); }

 private:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  std::unique_ptr<SSL_CTX, Free> context_;
};

// TLS on one non-blocking socket. step functions return what to wait for: POLLIN, POLLOUT, 0 when
// done; -1 with error() when it failed.
class TlsSession {
 public:
  // `host` is what the certificate has to be for.
  TlsSession(TlsContext& context, int fd, const std::string& host);

  short handshake();
  // Bytes moved, or 0 with `wait` set; -1: failed, or (reading) the end: error() is empty then.
  long read(char* to, std::size_t size, short& wait);
  long write(const char* from, std::size_t size, short& wait);
  const std::string& error() const { return error_; }

 private:
  short wanted(int result);
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  std::unique_ptr<SSL, Free> ssl_;
  std::string error_;
};

}  // namespace rr::redis
