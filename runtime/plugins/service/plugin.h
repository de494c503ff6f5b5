// The section `service`: programs beside the server, and the service of that name (spec 04 §3).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rr/message.h"
#include "rr/plugin.h"
#include "rr/process_host.h"
#include "runtime/core/task_group.h"
#include "runtime/plugins/service/config.h"
#include "runtime/plugins/service/messages.h"
#include "runtime/plugins/service/services.h"

namespace rr::service {

class ServicePlugin final : public Plugin,
                            private RpcService,
                            private ProcessHost,
                            private Reloadable {
 public:
  ServicePlugin();
  void init(Context& context) override;
  Result<void> serve() override;
  void stop(TimePoint deadline) override;

 private:
  class Change;

  std::string_view rpc_name() const override { return "service"; }
  Result<std::string> call(std::string_view method, RpcCodec codec,
                           std::string_view argument) override {
    return methods_.call(method, codec, argument);
  }
  Result<Response> create(const Create& request);
  Result<Status> status(const Service& request);
  Result<Statuses> statuses(const Service& request);
  Result<List> list();

  std::string_view host_name() const override { return "service"; }
  std::vector<Process> processes() const override;
  Result<void> reset() override;

  std::string_view section_name() const override { return "service"; }
  std::unique_ptr<Reloadable::Change> prepare(Context& context) override;
  std::vector<std::string> fixed_keys() const override { return {}; }
  // Logs what cannot be started.
  void apply(ServicesConfig config);
  Task<void> apply_later(ServicesConfig config);

  ServicesConfig config_;
  message::Methods methods_;
  Context* context_ = nullptr;              // the application's, which goes after its plugins
  Control* control_ = nullptr;              // as well
  pool::Reaper* reaper_ = nullptr;          // the application's, or the one below
  std::optional<pool::Reaper> own_reaper_;  // of a server that has no workers
  mutable std::optional<Services> services_;
  std::optional<TaskGroup> reloads_;
};

}  // namespace rr::service
