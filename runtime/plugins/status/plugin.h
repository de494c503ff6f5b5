// The section `status`: an address that says whether the server is alive and ready for work, and
// the service of the same name (spec 04 §6).
#pragma once

#include <atomic>
#include <optional>
#include <vector>

#include "rr/message.h"
#include "rr/plugin.h"
#include "runtime/net/http1/operator_server.h"
#include "runtime/plugins/status/checks.h"
#include "runtime/plugins/status/config.h"
#include "runtime/plugins/status/dashboard.h"
#include "runtime/plugins/status/pages.h"

namespace rr::status {

// Comes before the plugins it is asked about, so that it stops after them: it answers while they
// start and while they stop.
class StatusPlugin final : public Plugin, private RpcService {
 public:
  StatusPlugin();
  void init(Context& context) override;
  Result<void> serve() override;
  void refuse() override { stopping_.store(true, std::memory_order_relaxed); }
  void hand_over(TimePoint) override { server_->refuse(); }
  void stop(TimePoint deadline) override;

 private:
  std::string_view rpc_name() const override { return "status"; }
  Result<std::string> call(std::string_view method, RpcCodec codec,
                           std::string_view argument) override {
    return methods_.call(method, codec, argument);
  }

  void add_method(const char* name, Question question, const char* op);
  void answer(HttpExchange& exchange) const;
  Page page(std::string_view path, std::string_view query) const;

  StatusConfig config_;
  message::Methods methods_;
  Context* context_ = nullptr;  // the application's, which goes after its plugins
  std::optional<Checks> checks_;
  std::vector<PipelineHost*> pipelines_;
  std::optional<Dashboard> dashboard_;
  std::atomic<bool> stopping_{false};
  std::optional<net::http1::OperatorServer> server_;
};

}  // namespace rr::status
