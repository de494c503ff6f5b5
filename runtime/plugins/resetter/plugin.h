// The service `resetter`: replaces the workers of a plugin (spec 04 §7.2). No configuration, always
// on.
#pragma once

#include <string>
#include <vector>

#include "rr/plugin.h"
#include "rr/process_host.h"
#include "rr/rpc.h"

namespace rr::resetter {

class ResetterPlugin final : public Plugin, private RpcService {
 public:
  ResetterPlugin();
  void init(Context& context) override;
  Result<void> serve() override;
  void stop(TimePoint) override {}

 private:
  std::string_view rpc_name() const override { return "resetter"; }
  Result<std::string> call(std::string_view method, RpcCodec codec,
                           std::string_view argument) override {
    return methods_.call(method, codec, argument);
  }
  bool blocks(std::string_view method) const override { return methods_.blocks(method); }
  RpcValue list() const;
  Result<RpcValue> reset(const std::string& plugin);
  template <class Reset>
  Result<void> reset_one(const std::string& plugin, Reset reset) const;

  RpcMethods methods_;
  Context* context_ = nullptr;  // the application's, which goes after its plugins
  // Of plugins, which live as long; filled before the first call.
  std::vector<WorkerHost*> hosts_;
  std::vector<ProcessHost*> process_hosts_;
};

}  // namespace rr::resetter
