// Calls of those who live in the server itself.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rr/rpc_caller.h"
#include "runtime/core/control.h"
#include "runtime/core/task_group.h"
#include "runtime/plugins/rpc/router.h"

namespace rr::rpc {

class LocalCalls final : public RpcCaller {
 public:
  // Main thread, once, before threads that may call exist; who calls earlier is told that the
  // server does not take calls yet.
  void serve(Control& control, std::vector<RpcService*> services);
  // Main thread. Takes no more calls that block and waits for those that run.
  void stop(TimePoint deadline);

  std::optional<Result<std::string>> call_at_once(std::string_view method, unsigned codec,
                                                  std::string_view argument) override;
  void begin(std::string method, unsigned codec, std::string argument, Done done) override;

 private:
  struct Call;
  struct Served {
    Served(Control& control, std::vector<RpcService*> services)
        : control(control), router(std::move(services)), calls(control.io().get_executor()) {}
    Control& control;  // the application's
    const Router router;
    TaskGroup calls;
  };
  static Task<void> run(std::shared_ptr<Served> served, Call call);

  std::shared_ptr<Served> served_;  // and of the calls: one that does not end outlives the plugin
};

}  // namespace rr::rpc
