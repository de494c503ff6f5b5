// Calls of the services of all plugins: by PHP on threads of this process, and with a section `rpc`
// by whoever may use its socket.
#pragma once

#include <optional>

#include "rr/file_owner.h"
#include "rr/plugin.h"
#include "rr/rpc.h"
#include "runtime/plugins/rpc/config.h"
#include "runtime/plugins/rpc/local_calls.h"
#include "runtime/plugins/rpc/server.h"

namespace rr::rpc {

// Comes after the plugins whose methods need nothing but themselves and before those with workers:
// their scripts may call while they boot.
class RpcPlugin final : public Plugin, private RpcService {
 public:
  RpcPlugin();
  void init(Context& context) override;
  Result<void> serve() override;
  void refuse() override;
  void hand_over(TimePoint until) override;
  void stop(TimePoint deadline) override;
  // As bound; after serve(), with a section `rpc`.
  const std::vector<std::string>& addresses() const { return server_->addresses(); }

 private:
  std::string_view rpc_name() const override { return "rpc"; }
  Result<std::string> call(std::string_view method, RpcCodec codec,
                           std::string_view argument) override {
    return methods_.call(method, codec, argument);
  }
  bool blocks(std::string_view method) const override { return methods_.blocks(method); }

  Result<void> listen(std::vector<RpcService*> services);
  Result<net::ListenSocket::Options> socket_options() const;

  std::optional<RpcConfig> config_;  // nothing: no socket
  std::optional<FileOwner> owner_;
  Logger log_;
  RpcMethods methods_;
  Context* context_ = nullptr;  // the application's, which goes after its plugins
  LocalCalls local_calls_;
  std::optional<Server> server_;
};

}  // namespace rr::rpc
