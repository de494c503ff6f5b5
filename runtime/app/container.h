// Creates the plugins that the configuration asks for, in the order of what they need, and takes
// them through their life.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <typeindex>
#include <vector>

#include "rr/plugin.h"
#include "runtime/core/config/config.h"
#include "runtime/core/log/system.h"

namespace rr::app {

// Main thread, but for logger() and config_json(); once everything serves, the thread that reloads.
class Container final : public Context {
 public:
  Container(config::Config& config, log::System& logs)
      : config_(config), logs_(logs), log_(logs.logger("endure")) {}

  // Creates and initialises. Throws ConfigError. A plugin whose needs are not met is left out with
  // a warning.
  void init(const PluginRegistry& registry);
  // The plugins and what each needs or comes after, in Graphviz' language. After init().
  std::string graph() const;
  // Serves them in order; the first error ends it, operations as RoadRunner prints them.
  void serve();
  // Lets another server take over what was served. stop() follows.
  void hand_over(TimePoint until);
  // Stops what was served, in reverse order.
  void stop(TimePoint deadline);

  Logger logger(std::string_view name) override { return logs_.logger(name); }
  bool has(std::string_view section) const override { return config_.has(section); }
  const config::Node& configuration() const override { return config_.root(); }
  std::string config_json() const override;

  // Another configuration counts: for config_json(), and for the caller of the constructor.
  void adopt(config::Config config);

  void* need(std::type_index type) override;
  std::vector<void*> interfaces(std::type_index type) const override;

 protected:
  const config::Node* find(std::string_view section) const override {
    return config_.root().find(section);
  }
  void keep_warnings(std::string_view section, const config::Errors& errors) override;
  void add(std::type_index type, void* interface) override {
    interfaces_[type].push_back(interface);
  }

 private:
  struct Running {
    std::string name;
    std::unique_ptr<Plugin> plugin;
    std::vector<std::string> needs = {};
    std::vector<std::string> after = {};
  };
  std::vector<const PluginRegistry::Entry*> ordered(const PluginRegistry& registry);

  mutable std::mutex config_mutex_;  // guards config_ while everything serves
  config::Config& config_;           // the caller's, as long as this
  log::System& logs_;
  const Logger log_;
  std::map<std::type_index, std::vector<void*>> interfaces_;
  std::vector<Running> plugins_;
  std::size_t served_ = 0;
};

// The built-in plugins (plugins.cc), and before them those of the libraries that `plugins` names.
// Throws ConfigError when one of those cannot be loaded.
void register_all(PluginRegistry& registry, const config::Config& config);

}  // namespace rr::app
