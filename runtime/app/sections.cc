#include "runtime/app/sections.h"

#include "runtime/app/endure_config.h"
#include "runtime/app/server_config.h"
#include "runtime/core/log/config.h"
#include "runtime/plugins/http/config.h"
#include "runtime/plugins/rpc/config.h"

namespace rr::app {

std::vector<config::Description> known_sections() {
  return {
      config::describe<ServerConfig>("server", "how PHP is started"),
      config::describe<http::HttpConfig>("http", "the HTTP server"),
      config::describe<rpc::RpcConfig>("rpc", "what PHP and the command line talk to"),
      config::describe<log::LogsConfig>("logs", "the log"),
      config::describe<EndureConfig>("endure", "the container of the plugins"),
  };
}

}  // namespace rr::app
