// The `rpc` section (spec 01 §9.1).
#pragma once

#include <cstdint>
#include <optional>
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
  std::optional<config::FileMode> mode;
  std::string group;

  // Who may connect to a unix socket: its owner alone, unless said otherwise.
  std::uint32_t socket_mode() const { return mode ? mode->bits : group.empty() ? 0600 : 0660; }

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("listen", &RpcConfig::listen,
              "where PHP and the command line reach the server: tcp://host:port, unix://path"),
        field("mode", &RpcConfig::mode,
              "permissions of the unix socket, which belongs to server.user; default 0600, with a "
              "group 0660"),
        field("group", &RpcConfig::group, "group of the unix socket: a name or a number"),
    };
  }
  void check(config::Errors& errors) const {
    errors.require(is_dsn(listen), "listen", kInvalidDsn);
    if (listen.starts_with("unix://")) return;
    if (mode) errors.warn("mode", "has no effect: rpc.listen is no unix socket");
    if (!group.empty()) errors.warn("group", "has no effect: rpc.listen is no unix socket");
  }
};

}  // namespace rr::rpc
