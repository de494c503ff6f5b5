// Keys and values in memcached, as they are: flags 0, no prefix.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rr/kv.h"
#include "runtime/plugins/kv/drivers/memcached/config.h"
#include "runtime/plugins/kv/drivers/memcached/server_pool.h"

namespace rr::keyvalue::memcached {

// Which of `count` servers has a key: as RoadRunner chooses, so that both find the same.
std::size_t server_of(std::string_view key, std::size_t count);

// Connects with the first call. Knows no TTLs: memcached does not tell them.
class MemcachedStorage final : public KvStorage {
 public:
  explicit MemcachedStorage(const MemcachedConfig& config);

  Result<void> has(Keys keys, Found& found) override;
  Result<void> get(Keys keys, Found& found) override;
  Result<void> ttl(Keys keys, Found& found) override;
  Result<void> set(Items items) override;
  Result<void> expire(Items items) override;
  Result<void> remove(Keys keys) override;
  Result<void> clear() override;
  bool blocks() const override { return true; }

 private:
  template <class Each>
  Result<void> look(Keys keys, Each each);
  // Does it with a handle for the server; a second time when the connection turns out to be closed.
  template <class Command>
  Result<memcached_return_t> run(ServerPool& server, Command command);
  template <class Command>
  Result<memcached_return_t> run(std::string_view key, Command command);

  std::vector<std::unique_ptr<ServerPool>> servers_;
};

}  // namespace rr::keyvalue::memcached
