// The service `app`: what PHP logs through the server (spec 04 §5). No configuration, always on.
#pragma once

#include <string>

#include "rr/app_logger.h"
#include "rr/message.h"
#include "rr/plugin.h"
#include "rr/rpc.h"

namespace rr::app_logger {

class AppLoggerPlugin final : public Plugin, private RpcService, private AppLogger {
 public:
  AppLoggerPlugin();
  void init(Context& context) override;
  Result<void> serve() override { return {}; }
  void stop(TimePoint) override {}

 private:
  std::string_view rpc_name() const override { return "app"; }
  Result<std::string> call(std::string_view method, RpcCodec codec,
                           std::string_view argument) override;
  bool blocks(std::string_view method) const override;

  void log(log::Level level, std::string_view message, Attributes attributes) override;
  Result<void> write(std::string_view message, Attributes attributes) override;
  const Logger& logger() const override { return log_; }

  RpcMethods plain_;
  message::Methods with_context_;
  Logger log_;
};

}  // namespace rr::app_logger
