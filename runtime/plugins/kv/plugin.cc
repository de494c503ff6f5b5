#include "runtime/plugins/kv/plugin.h"

#include <pthread.h>

#include <algorithm>
#include <vector>

#include "rr/metrics.h"
#include "runtime/core/quiet_thread.h"
#include "runtime/plugins/kv/drivers.h"

namespace rr::keyvalue {

KvPlugin::~KvPlugin() {
  stop_tidying();
}

void KvPlugin::init(Context& context) {
  log_ = context.logger("kv");
  const config::Node& root = context.configuration();
  const config::Node& section = *root.find("kv");
  if (!section.is(config::Node::Kind::map)) {
    throw ConfigError(std::vector<std::string>{"kv_plugin_init"},
                      "expected a map of storages, got " + std::string(go_type(section)))
        .at(section.at());
  }
  MetricsSource* shown = nullptr;
  for (const StorageEntry& entry : storage_entries(root, section)) {
    add_storage(context, entry);
    KvStorage* storage = find_storage(entry.name);
    if (storage != nullptr && storage->metrics() != nullptr) shown = storage->metrics();
  }
  if (shown != nullptr) context.provide<MetricsSource>(*shown);
  context.provide<KvStorages>(*this);
  context.provide<RpcService>(service_);
}

void KvPlugin::add_storage(Context& context, const StorageEntry& entry) {
  switch (entry.state) {
    case StorageEntry::State::usable:
      break;
    case StorageEntry::State::no_map:
      log_.warn("wrong type detected in the configuration, please, check yaml indentation");
      return;
    case StorageEntry::State::no_driver:
      throw ConfigError(std::vector<std::string>{"kv_plugin_serve"},
                        "could not find mandatory driver field in the " + entry.name + " storage")
          .at(entry.at);
    case StorageEntry::State::odd:
      return;
  }
  if (entry.options.empty()) {
    log_.warn("can't find local or global configuration, this section will be skipped",
              log::kv("local", "kv." + entry.name + ".config"), log::kv("global", entry.name));
  }
  if (auto storage = make(context, entry)) {
    storages_.emplace(entry.name, std::move(storage));
  } else {
    log_.warn("no such constructor was registered", log::kv("requested", entry.driver));
  }
}

std::unique_ptr<KvStorage> KvPlugin::make(Context& context, const StorageEntry& entry) const {
  const auto own = std::ranges::find(built_in_drivers(), entry.driver, &BuiltInDriver::name);
  if (own != built_in_drivers().end()) return own->make(context, entry.options);
  for (KvDriver* driver : context.all<KvDriver>()) {
    if (driver->driver_name() == entry.driver) return driver->make_storage(context, entry.options);
  }
  return nullptr;
}

Result<void> KvPlugin::serve() {
  bool tidies = false;
  for (const auto& [name, storage] : storages_) {
    if (auto opened = storage->open(); !opened)
      return std::move(opened).error().in("kv_plugin_serve");
    tidies = tidies || storage->tidy_interval() > Duration::zero();
  }
  if (tidies) {
    tidier_ = quiet_thread([this] {
      pthread_setname_np(pthread_self(), "rr-kv-tidy");
      tidy_storages();
    });
  }
  return {};
}

void KvPlugin::tidy_storages() {
  struct Due {
    TimePoint at;
    KvStorage* storage;
  };
  std::vector<Due> due;
  for (const auto& [name, storage] : storages_) {
    const Duration interval = storage->tidy_interval();
    if (interval > Duration::zero()) due.push_back({Clock::now() + interval, storage.get()});
  }
  for (;;) {
    const auto next = std::ranges::min_element(due, {}, &Due::at);
    {
      std::unique_lock lock(mutex_);
      if (stop_asked_.wait_until(lock, next->at, [this] { return stopping_; })) return;
    }
    next->storage->tidy();
    next->at = Clock::now() + next->storage->tidy_interval();
  }
}

void KvPlugin::stop_tidying() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_asked_.notify_all();
  if (tidier_.joinable()) tidier_.join();
}

void KvPlugin::stop(TimePoint) {
  stop_tidying();
}

KvStorage* KvPlugin::find_storage(std::string_view name) {
  const auto found = storages_.find(name);
  return found == storages_.end() ? nullptr : found->second.get();
}

}  // namespace rr::keyvalue
