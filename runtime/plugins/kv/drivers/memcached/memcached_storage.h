// Keys and values in memcached, as they are: flags 0, no prefix.
#pragma once

#include <ctime>
#include <memory>
#include <optional>
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
  Result<bool> set_if(const KvItem& item, const std::string_view* expected) override;
  // The end of a key that is there: kept when it gets larger; by a negative number, or from one,
  // it becomes `timeout`: memcached counts up alone, and tells nobody when a key ends.
  Result<std::int64_t> increment(std::string_view key, std::int64_t by,
                                 std::string_view timeout) override;
  bool blocks() const override { return true; }

 private:
  template <class Each>
  Result<void> look(Keys keys, Each each);
  // Does it with a handle for the server; a second time when the connection turns out to be closed
  // and it may be done twice.
  enum class Repeat : std::uint8_t { no, yes };
  template <class Command>
  Result<memcached_return_t> run(ServerPool& server, Command command, Repeat repeat = Repeat::yes);
  template <class Command>
  Result<memcached_return_t> run(std::string_view key, Command command,
                                 Repeat repeat = Repeat::yes);

  // A value as it was, with the number that says whether it still is.
  struct Version {
    std::string value;
    std::uint64_t cas = 0;
  };
  Result<std::optional<Version>> version_of(std::string_view key);
  // Whether it was set: where there is no such key, or where the key is the one of `version`.
  Result<bool> add(const KvItem& item, time_t expiry);
  Result<bool> replace(const KvItem& item, const Version& version, time_t expiry);
  // Nothing: memcached cannot count this one up.
  Result<std::optional<std::int64_t>> count_up(std::string_view key, std::int64_t by);

  std::vector<std::unique_ptr<ServerPool>> servers_;
};

}  // namespace rr::keyvalue::memcached
