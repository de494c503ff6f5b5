#include "pem.h"

#include <cstdio>
#include <stdexcept>

namespace rr::e2e {
namespace {

std::string output_of(const std::string& command) {
  std::string out;
  FILE* pipe = ::popen(command.c_str(), "r");
  if (!pipe) throw std::runtime_error(command);
  char bytes[4096];
  while (const std::size_t count = ::fread(bytes, 1, sizeof bytes, pipe)) out.append(bytes, count);
  ::pclose(pipe);
  return out;
}

}  // namespace

Pair make_pair(const std::string& name) {
  const std::string both = output_of(
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" +
      name +
      " -addext subjectAltName=DNS:localhost -keyout /dev/stdout -out /dev/stdout 2>/dev/null");
  const auto cert = both.find("-----BEGIN CERTIFICATE");
  if (cert == std::string::npos) throw std::runtime_error("openssl made no certificate");
  return {both.substr(cert), both.substr(0, cert)};
}

void add_pair(ServerOptions& options, const std::string& name) {
  const Pair pair = make_pair(name);
  options.files["cert.pem"] = pair.cert;
  options.files["key.pem"] = pair.key;
}

}  // namespace rr::e2e
