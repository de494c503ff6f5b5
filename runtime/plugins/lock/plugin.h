// The plugin `lock` (spec 04 §2): locks that the workers of an application share. Always on, with
// or without a section.
#pragma once

#include <optional>

#include "rr/plugin.h"
#include "runtime/plugins/lock/config.h"
#include "runtime/plugins/lock/lock_table.h"
#include "runtime/plugins/lock/redis_locks.h"
#include "runtime/plugins/lock/service.h"

namespace rr::lock {

// Comes after rpc and before what has workers: stopping it first ends the waits of clients that
// rpc would wait for.
class LockPlugin final : public Plugin {
 public:
  void init(Context& context) override;
  Result<void> serve() override { return {}; }
  void stop(TimePoint) override;

 private:
  std::optional<LockTable> table_;  // of these two the one that the configuration asks for
  std::optional<RedisLocks> redis_;
  std::optional<LockService> service_;
};

}  // namespace rr::lock
