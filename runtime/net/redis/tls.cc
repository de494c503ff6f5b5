#include "runtime/net/redis/tls.h"

#include <arpa/inet.h>
#include <poll.h>

#include <cerrno>
#include <climits>
#include <cstring>

#include <openssl/err.h>
#include <openssl/x509v3.h>

namespace rr::redis {

namespace {

std::string last_error() {
  char text[256] = "TLS failed";
  if (const unsigned long code = ERR_get_error(); code != 0)
    ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return text;
}

Error unusable(const std::string& file) {
  return Error(Errc::invalid, "", file + ": " + last_error());
}

bool is_ip(const std::string& host) {
  unsigned char bytes[16];
  return ::inet_pton(AF_INET, host.c_str(), bytes) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

}  // namespace

Result<std::unique_ptr<TlsContext>> TlsContext::make(const TlsSettings& settings) {
  auto made = std::make_unique<TlsContext>();
  made->context_.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* context = made->context_.get();
  if (context == nullptr) return Error(Errc::invalid, "", last_error());
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_default_verify_paths(context);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  ERR_clear_error();
  if (!settings.root_ca.empty() &&
      SSL_CTX_load_verify_locations(context, settings.root_ca.c_str(), nullptr) != 1)
    return unusable(settings.root_ca);
  if (!settings.cert.empty()) {
    if (SSL_CTX_use_certificate_chain_file(context, settings.cert.c_str()) != 1)
      return unusable(settings.cert);
    if (SSL_CTX_use_PrivateKey_file(context, settings.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context) != 1)
      return unusable(settings.key);
  }
  return made;
}

TlsSession::TlsSession(TlsContext& context, int fd, const std::string& host)
    : ssl_(SSL_new(context.get())) {
  SSL_set_fd(ssl_.get(), fd);
  SSL_set_connect_state(ssl_.get());
  if (is_ip(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), host.c_str());
  } else {
    SSL_set_tlsext_host_name(ssl_.get(), host.c_str());
    SSL_set1_host(ssl_.get(), host.c_str());
  }
}

short TlsSession::wanted(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return POLLIN;
    case SSL_ERROR_WANT_WRITE:
      return POLLOUT;
    case SSL_ERROR_ZERO_RETURN:
      return -1;
    case SSL_ERROR_SYSCALL:
      if (ERR_peek_error() == 0) {
        if (errno != 0) error_ = std::strerror(errno);
        return -1;
      }
      [[fallthrough]];
    default: {
      const long verified = SSL_get_verify_result(ssl_.get());
      error_ = verified == X509_V_OK ? last_error() : X509_verify_cert_error_string(verified);
      ERR_clear_error();
      return -1;
    }
  }
}

short TlsSession::handshake() {
  ERR_clear_error();
  errno = 0;
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) return 0;
  const short wait = wanted(result);
  if (wait < 0 && error_.empty()) error_ = "the server closed the connection in the handshake";
  return wait;
}

long TlsSession::read(char* to, std::size_t size, short& wait) {
  ERR_clear_error();
  errno = 0;
  const int got = SSL_read(ssl_.get(), to, size > INT_MAX ? INT_MAX : static_cast<int>(size));
  if (got > 0) return got;
  wait = wanted(got);
  return wait < 0 ? -1 : 0;
}

long TlsSession::write(const char* from, std::size_t size, short& wait) {
  ERR_clear_error();
  errno = 0;
  const int sent = SSL_write(ssl_.get(), from, size > INT_MAX ? INT_MAX : static_cast<int>(size));
  if (sent > 0) return sent;
  wait = wanted(sent);
  if (wait < 0 && error_.empty()) error_ = "EOF";
  return wait < 0 ? -1 : 0;
}

}  // namespace rr::redis
