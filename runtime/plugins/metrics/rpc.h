// The service `metrics` (spec 04 §4.2): decodes, calls the registry, words the errors.
#pragma once

#include <string>
#include <string_view>

#include "rr/log.h"
#include "rr/metrics.h"
#include "rr/plugin.h"
#include "rr/rpc.h"

namespace rr::metrics {

// Thread-safe. The registry outlives it.
class MetricsRpc final : public RpcService {
 public:
  MetricsRpc(Metrics& registry, Logger log);

  std::string_view rpc_name() const override { return "metrics"; }
  Result<std::string> call(std::string_view method, RpcCodec codec,
                           std::string_view argument) override;
  bool blocks(std::string_view method) const override { return methods_.blocks(method); }

 private:
  using Operation = Result<void> (Metric::*)(double, Metric::Labels);
  void add_operation(const char* method, const char* op, const char* hint, Operation operation);
  Result<RpcValue> declare(const RpcValue& argument);

  Metrics& registry_;
  const Logger log_;
  RpcMethods methods_;
};

}  // namespace rr::metrics
