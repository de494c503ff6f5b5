// The service `informer`: what workers there are, and how many (spec 04 §7.1). No configuration,
// always on.
#pragma once

#include <string>
#include <vector>

#include "rr/pipelines.h"
#include "rr/plugin.h"
#include "rr/process_host.h"
#include "rr/rpc.h"

namespace rr::informer {

class InformerPlugin final : public Plugin, private RpcService {
 public:
  InformerPlugin();
  void init(Context& context) override;
  Result<void> serve() override;
  void stop(TimePoint) override {}

 private:
  std::string_view rpc_name() const override { return "informer"; }
  Result<std::string> call(std::string_view method, RpcCodec codec,
                           std::string_view argument) override {
    return methods_.call(method, codec, argument);
  }
  bool blocks(std::string_view method) const override { return methods_.blocks(method); }
  RpcValue list() const;
  RpcValue workers(const std::string& plugin) const;
  RpcValue jobs(const std::string& plugin) const;
  Result<RpcValue> scale(const std::string& plugin, Result<void> (Pool::*change)()) const;

  RpcMethods methods_;
  Context* context_ = nullptr;  // the application's, which goes after its plugins
  // Of plugins, which live as long; filled before the first call.
  std::vector<WorkerHost*> hosts_;
  std::vector<ProcessHost*> process_hosts_;
  std::vector<PipelineHost*> pipeline_hosts_;
};

}  // namespace rr::informer
