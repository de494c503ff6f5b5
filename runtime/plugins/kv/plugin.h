// The plugin `kv` (spec 04 §1): storages of keys and values that workers share.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "rr/kv.h"
#include "rr/plugin.h"
#include "runtime/plugins/kv/section.h"
#include "runtime/plugins/kv/service.h"

namespace rr::keyvalue {

// Comes before rpc: calls find the storages there, and those that run at the stop have them still.
class KvPlugin final : public Plugin, private KvStorages {
 public:
  ~KvPlugin() override;
  void init(Context& context) override;
  Result<void> serve() override;
  void stop(TimePoint deadline) override;

 private:
  KvStorage* find_storage(std::string_view name) override;
  void add_storage(Context& context, const StorageEntry& entry);
  std::unique_ptr<KvStorage> make(Context& context, const StorageEntry& entry) const;
  void tidy_storages();
  void stop_tidying();

  Logger log_;
  std::map<std::string, std::unique_ptr<KvStorage>, std::less<>> storages_;  // filled by init()
  KvService service_{*this};

  std::mutex mutex_;  // guards stopping_
  std::condition_variable stop_asked_;
  bool stopping_ = false;
  std::thread tidier_;  // only where a storage wants it
};

}  // namespace rr::keyvalue
