#include "tests/cpp/unit/cli/scripted_serve.h"

#include "runtime/app/check.h"
#include "runtime/app/sections.h"
#include "runtime/app/server_config.h"
#include "runtime/core/log/config.h"
#include "runtime/core/log/system.h"
#include "runtime/plugins/http/config.h"
#include "runtime/plugins/rpc/config.h"

namespace rr {

namespace cli {
std::optional<app::ServeOptions> served;
}

namespace app {

int serve(ServeOptions options) {
  config::Config& config = options.config;
  auto logs_config = config.section<log::LogsConfig>(
      "logs", {"config_plugin_init", "config_plugin_unmarshal_key"});
  log::System logs(logs_config);
  if (config.has("rpc")) config.section<rpc::RpcConfig>("rpc");
  if (config.has("server")) config.section<ServerConfig>("server");
  if (config.has("http")) config.section<http::HttpConfig>("http");
  for (const config::Problem& warning : config.take_warnings()) {
    logs.logger("config").warn(warning.text, kv("key", warning.path), kv("at", warning.at.text()));
  }
  cli::served = std::move(options);
  return 0;
}

// Nobody has started the tests for an upgrade.
void start_failed(const std::string&) {}

std::vector<config::Problem> check(config::Config& config) {
  return check_sections(config);
}

}  // namespace app
}  // namespace rr
