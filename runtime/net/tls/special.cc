#include "runtime/net/tls/special.h"

#include <cstddef>
#include <string>

#include <openssl/ssl.h>

namespace rr::net::tls {
namespace {

std::string_view extension(SSL* ssl, unsigned type) {
  const unsigned char* data = nullptr;
  std::size_t size = 0;
  if (SSL_client_hello_get0_ext(ssl, type, &data, &size) != 1) return {};
  return {reinterpret_cast<const char*>(data), size};
}

// The rest of `bytes` behind a length of `width` bytes that says just that; empty: it does not.
std::string_view counted(std::string_view bytes, std::size_t width) {
  if (bytes.size() < width) return {};
  std::size_t length = 0;
  for (std::size_t i = 0; i < width; ++i)
    length = length << 8 | static_cast<unsigned char>(bytes[i]);
  bytes.remove_prefix(width);
  return length == bytes.size() ? bytes : std::string_view{};
}

std::string host_of(std::string_view names) {
  std::string_view list = counted(names, 2);
  if (list.empty() || list.front() != TLSEXT_NAMETYPE_host_name) return {};
  list.remove_prefix(1);
  std::string host(counted(list, 2));
  for (char& c : host) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return host;
}

int on_client_hello(SSL* ssl, int* alert, void* argument) {
  const auto& special = *static_cast<const SpecialHandshakes*>(argument);
  const std::string_view asked =
      counted(counted(extension(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation), 2), 1);
  if (asked != special.protocol()) return SSL_CLIENT_HELLO_SUCCESS;
  const auto context = special.context_for(host_of(extension(ssl, TLSEXT_TYPE_server_name)));
  if (!context) {
    *alert = SSL_AD_UNRECOGNIZED_NAME;
    return SSL_CLIENT_HELLO_ERROR;
  }
  SSL_set_SSL_CTX(ssl, context.get());
  return SSL_CLIENT_HELLO_SUCCESS;
}

}  // namespace

void allow_special(ssl_ctx_st* context, const SpecialHandshakes& special) {
  SSL_CTX_set_client_hello_cb(context, on_client_hello,
                              const_cast<SpecialHandshakes*>(&special));  // C
}

}  // namespace rr::net::tls
