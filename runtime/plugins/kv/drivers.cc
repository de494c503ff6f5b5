#include "runtime/plugins/kv/drivers.h"

#include <array>

#include "runtime/plugins/kv/drivers/boltdb/boltdb_storage.h"
#include "runtime/plugins/kv/drivers/memcached/memcached_storage.h"
#include "runtime/plugins/kv/drivers/memory/config.h"
#include "runtime/plugins/kv/drivers/memory/memory_storage.h"
#include "runtime/plugins/kv/drivers/redis/redis_storage.h"

namespace rr::keyvalue {

namespace {

template <config::Table T>
config::Description describe() {
  return config::describe<T>("config");
}

template <config::Table T>
void check(const config::Node& options, config::Errors& errors) {
  T out;
  config::decode_value(options, out, errors);
}

template <config::Table T>
T options(Context& context, std::string_view section, std::string_view driver) {
  if (section.empty())
    throw ConfigError(std::vector<std::string>{"kv_plugin_serve"},
                      "config not found by provided key: ");
  return context.section<T>(section, driver);
}

std::unique_ptr<KvStorage> make_memory(Context& context, std::string_view section) {
  memory::MemoryConfig config;
  if (!section.empty()) config = options<memory::MemoryConfig>(context, section, "memory");
  return std::make_unique<memory::MemoryStorage>(context.logger("memory"), config.max_size.bytes());
}

std::unique_ptr<KvStorage> make_boltdb(Context& context, std::string_view section) {
  return std::make_unique<boltdb::BoltdbStorage>(
      options<boltdb::BoltdbConfig>(context, section, "boltdb"));
}

std::unique_ptr<KvStorage> make_redis(Context& context, std::string_view section) {
  const auto settings = options<rr::redis::Settings>(context, section, "redis");
  auto client = rr::redis::Client::make(settings, context.logger("redis"));
  if (!client)
    throw ConfigError(std::vector<std::string>{"kv_plugin_serve", "redis_plugin_init"},
                      client.error().text());
  return std::make_unique<redis::RedisStorage>(std::move(*client));
}

std::unique_ptr<KvStorage> make_memcached(Context& context, std::string_view section) {
  return std::make_unique<memcached::MemcachedStorage>(
      options<memcached::MemcachedConfig>(context, section, "memcached"));
}

constexpr std::array kDrivers{
    BuiltInDriver{"memory", &make_memory, &describe<memory::MemoryConfig>,
                  &check<memory::MemoryConfig>},
    BuiltInDriver{"boltdb", &make_boltdb, &describe<boltdb::BoltdbConfig>,
                  &check<boltdb::BoltdbConfig>},
    BuiltInDriver{"redis", &make_redis, &describe<rr::redis::Settings>,
                  &check<rr::redis::Settings>},
    BuiltInDriver{"memcached", &make_memcached, &describe<memcached::MemcachedConfig>,
                  &check<memcached::MemcachedConfig>},
};

}  // namespace

std::span<const BuiltInDriver> built_in_drivers() {
  return kDrivers;
}

}  // namespace rr::keyvalue
