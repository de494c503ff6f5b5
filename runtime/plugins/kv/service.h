// The RPC service `kv` (spec 04 §1.2), over the storages of the configuration.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "rr/kv.h"
#include "rr/plugin.h"
#include "rr/rpc.h"
#include "runtime/plugins/kv/messages.h"

namespace rr::keyvalue {

// Thread-safe.
class KvService final : public RpcService {
 public:
  explicit KvService(KvStorages& storages);

  std::string_view rpc_name() const override { return "kv"; }
  Result<std::string> call(std::string_view method, RpcCodec codec,
                           std::string_view argument) override;
  // Leaves to call() what waits for a disk or another server.
  std::optional<Result<std::string>> call_at_once(std::string_view method, RpcCodec codec,
                                                  std::string_view argument) override;

 private:
  using Run = Result<std::string> (*)(KvStorage&, const Request&);
  // Of how many keys a call at once may be: others wait for it.
  static constexpr std::size_t kFewItems = 64;
  struct Method {
    std::string_view name;
    std::string_view op;  // public text
    Run run;
    std::size_t most_at_once = kFewItems;
  };
  // The storage that is meant, or the error of the call.
  Result<KvStorage*> storage_of(const Method& method, const Request& request) const;
  static Result<std::string> run(const Method& method, KvStorage& storage, const Request& request);
  Result<std::string> call_proto(const Method& method, std::string_view argument) const;

  static const std::array<Method, 10> kMethods;
  static const Method* find(std::string_view name);

  KvStorages& storages_;  // the plugin's
  RpcMethods values_;     // the same methods for the codecs that carry values
};

}  // namespace rr::keyvalue
