#include "runtime/app/logs.h"

namespace rr::app {

log::LogsConfig logs_config(config::Config& config, const EndureConfig& endure) {
  auto logs = config.section<log::LogsConfig>(
      "logs", {"config_plugin_init", "config_plugin_unmarshal_key"});
  log::ChannelConfig own;
  own.mode = endure.log_level == "debug" ? "development" : "production";
  own.level = endure.log_level;
  logs.channels["endure"] = own;
  return logs;
}

}  // namespace rr::app
