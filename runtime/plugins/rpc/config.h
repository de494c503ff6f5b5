// The `rpc` section (spec 01 §9.1).
#pragma once

#include <string>
#include <string_view>
#include <tuple>

#include "rr/config.h"

namespace rr::rpc {

// Whether an address has the form "scheme://rest", with one "://" only.
constexpr bool is_dsn(std::string_view address) {
  const std::size_t first = address.find("://");
  return first != std::string_view::npos &&
         address.find("://", first + 3) == std::string_view::npos;
}

struct RpcConfig {
  static constexpr std::string_view kInvalidDsn =
      "invalid socket DSN (tcp://:6001, unix://file.sock)";

  std::string listen = "tcp://127.0.0.1:6001";

  static constexpr auto fields() {
    return std::tuple{config::field(
        "listen", &RpcConfig::listen,
        "where PHP and the command line reach the server: tcp://host:port, unix://path")};
  }
  void check(config::Errors& errors) const {
    errors.require(is_dsn(listen), "listen", kInvalidDsn);
  }
};

}  // namespace rr::rpc
