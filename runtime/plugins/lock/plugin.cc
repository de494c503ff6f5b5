#include "runtime/plugins/lock/plugin.h"

namespace rr::lock {

void LockPlugin::init(Context& context) {
  const auto config = context.section<LockConfig>("lock");
  if (config.driver == Driver::redis) {
    auto client = redis::Client::make(*config.config, context.logger("redis"));
    if (!client)
      throw ConfigError(std::vector<std::string>{"lock_plugin_init"}, client.error().text());
    redis_.emplace(std::move(*client), config.prefix);
    service_.emplace(*redis_, LockService::Calls::slow);
    context.provide<LockManager>(*redis_);
  } else {
    table_.emplace(context.logger("lock"));
    service_.emplace(*table_, LockService::Calls::quick);
    context.provide<LockManager>(*table_);
  }
  context.provide<RpcService>(*service_);
}

void LockPlugin::stop(TimePoint) {
  if (table_) table_->close();
  if (redis_) redis_->close();
}

}  // namespace rr::lock
