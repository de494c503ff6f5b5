// The section `metrics`: collectors, the address where they are read, and the service of that name
// (spec 04 §4).
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "rr/plugin.h"
#include "runtime/net/http1/operator_server.h"
#include "runtime/plugins/metrics/config.h"
#include "runtime/plugins/metrics/pool_metrics.h"
#include "runtime/plugins/metrics/process_metrics.h"
#include "runtime/plugins/metrics/registry.h"
#include "runtime/plugins/metrics/rpc.h"

namespace rr::metrics {

// Comes before whatever has workers; so it stops after them, and can be read until then.
class MetricsPlugin final : public Plugin {
 public:
  void init(Context& context) override;
  Result<void> serve() override;
  void hand_over(TimePoint) override { server_->refuse(); }
  void stop(TimePoint deadline) override;

 private:
  Result<void> add_sources();
  void answer(HttpExchange& exchange) const;

  MetricsConfig config_;
  Context* context_ = nullptr;  // the application's, which goes after its plugins
  Registry registry_;
  std::optional<MetricsRpc> rpc_;
  ProcessMetrics process_;
  std::vector<std::unique_ptr<PoolMetrics>> pools_;
  std::optional<net::http1::OperatorServer> server_;
};

}  // namespace rr::metrics
