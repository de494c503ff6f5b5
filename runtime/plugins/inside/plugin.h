// The service `inside`: what every worker runs now, how fast, where its PHP is, what went wrong.
// For `rr-embed top`, `rr-embed stack` and the dashboard. No configuration, always on; what costs
// anything is on only while somebody looks.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "rr/events.h"
#include "rr/inside.h"
#include "rr/plugin.h"
#include "rr/rpc.h"
#include "runtime/core/control.h"
#include "runtime/plugins/inside/recent_errors.h"

namespace rr::inside {

class InsidePlugin final : public Plugin, private RpcService, private Inside {
 public:
  InsidePlugin();
  void init(Context& context) override;
  Result<void> serve() override;
  void stop(TimePoint) override {}

 private:
  std::string_view rpc_name() const override { return "inside"; }
  Result<std::string> call(std::string_view method, RpcCodec codec,
                           std::string_view argument) override {
    return methods_.call(method, codec, argument);
  }
  RpcValue picture() override;
  Result<RpcValue> stacks(std::int64_t pid) const;
  void take_in();

  RpcMethods methods_;
  Context* context_ = nullptr;      // the application's, which goes after its plugins
  Control* control_ = nullptr;      // as well
  std::vector<WorkerHost*> hosts_;  // of plugins, which live as long; filled before the first call
  const std::chrono::system_clock::time_point started_ = std::chrono::system_clock::now();
  RecentErrors errors_;
  std::unique_ptr<EventSubscription> failures_;
};

}  // namespace rr::inside
