// The RPC service `lock` (spec 04 §2), over whatever keeps the locks.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "rr/lock.h"
#include "rr/plugin.h"
#include "rr/rpc.h"
#include "runtime/plugins/lock/messages.h"

namespace rr::lock {

// Thread-safe.
class LockService final : public RpcService {
 public:
  // How long a call takes that does not wait for others: where the locks are in memory the thread
  // that reads the call can answer it.
  enum class Calls : std::uint8_t { quick, slow };

  LockService(LockManager& locks, Calls calls);

  std::string_view rpc_name() const override { return "lock"; }
  Result<std::string> call(std::string_view method, RpcCodec codec,
                           std::string_view argument) override;
  // Waits for no lock: without one that is free it leaves the waiting to call().
  std::optional<Result<std::string>> call_at_once(std::string_view method, RpcCodec codec,
                                                  std::string_view argument) override;

 private:
  enum class Waits : std::uint8_t { no, yes };
  // Nothing: it would have to wait, and must not.
  using Run = std::optional<Result<Response>> (LockService::*)(const Request&, Waits) const;
  struct Method {
    std::string_view name;
    Run run;
  };

  template <LockMode mode, bool fenced>
  std::optional<Result<Response>> acquire(const Request& request, Waits waits) const;
  std::optional<Result<Response>> release(const Request& request, Waits) const;
  std::optional<Result<Response>> force_release(const Request& request, Waits) const;
  std::optional<Result<Response>> exists(const Request& request, Waits) const;
  std::optional<Result<Response>> update_ttl(const Request& request, Waits) const;

  static const std::array<Method, 8> kMethods;
  static const Method* find(std::string_view name);

  LockManager& locks_;  // the plugin's
  const Calls calls_;
  RpcMethods values_;  // the same methods for the codecs that carry values
};

}  // namespace rr::lock
