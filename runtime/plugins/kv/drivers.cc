#include "runtime/plugins/kv/drivers.h"

#include <array>

#include "runtime/plugins/kv/drivers/memory/config.h"
#include "runtime/plugins/kv/drivers/memory/memory_storage.h"

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

constexpr std::array kDrivers{
    BuiltInDriver{"memory", &make_memory, &describe<memory::MemoryConfig>,
                  &check<memory::MemoryConfig>},
};

}  // namespace

std::span<const BuiltInDriver> built_in_drivers() {
  return kDrivers;
}

}  // namespace rr::keyvalue
