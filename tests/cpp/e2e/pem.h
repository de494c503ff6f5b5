// Certificates for tests, made by the openssl command.
#pragma once

#include <string>

#include "server.h"

namespace rr::e2e {

// PEM text of a new certificate and its key.
struct Pair {
  std::string cert;
  std::string key;
};

// For localhost, signed by itself; `name` is its common name.
Pair make_pair(const std::string& name);
// As {dir}/cert.pem and {dir}/key.pem.
void add_pair(ServerOptions& options, const std::string& name);

}  // namespace rr::e2e
