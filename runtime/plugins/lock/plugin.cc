#include "runtime/plugins/lock/plugin.h"

namespace rr::lock {

void LockPlugin::init(Context& context) {
  table_.emplace(context.logger("lock"));
  service_.emplace(*table_, LockService::Calls::quick);
  context.provide<LockManager>(*table_);
  context.provide<RpcService>(*service_);
}

}  // namespace rr::lock
