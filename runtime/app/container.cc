#include "runtime/app/container.h"

#include <algorithm>
#include <set>

#include "runtime/app/serve.h"
#include "runtime/core/config/json.h"

namespace rr::app {

namespace {

// How RoadRunner's container names a plugin, in texts that tools know.
std::string go_name(const std::string& plugin) {
  return "*" + plugin + ".Plugin";
}

}  // namespace

void Container::keep_warnings(std::string_view section, const config::Errors& errors) {
  for (config::Problem warning : errors.warnings()) {
    warning.path =
        warning.path.empty() ? std::string(section) : std::string(section) + "." + warning.path;
    config_.warn(std::move(warning));
  }
}

void Container::adopt(config::Config config) {
  std::lock_guard lock(config_mutex_);
  config_ = std::move(config);
}

std::string Container::config_json() const {
  std::lock_guard lock(config_mutex_);
  // Bytes that are no UTF-8 must not lose the rest.
  return config::to_json(config_.merged())
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void* Container::need(std::type_index type) {
  const auto found = interfaces_.find(type);
  // A plugin asks for what its entry in the registry needs: anything else is our own bug.
  if (found == interfaces_.end() || found->second.empty())
    throw std::logic_error(std::string("no interface ") + type.name());
  return found->second.front();
}

std::vector<void*> Container::interfaces(std::type_index type) const {
  const auto found = interfaces_.find(type);
  return found == interfaces_.end() ? std::vector<void*>{} : found->second;
}

// Plugins that the configuration has, each behind those it needs or comes after.
std::vector<const PluginRegistry::Entry*> Container::ordered(const PluginRegistry& registry) {
  std::vector<const PluginRegistry::Entry*> wanted;
  for (const auto& entry : registry.entries()) {
    if (entry.section.empty() || has(entry.section)) wanted.push_back(&entry);
  }
  // What needs something that is not there is left out, and then what needs that.
  for (bool changed = true; changed;) {
    changed = false;
    for (auto entry = wanted.begin(); entry != wanted.end(); ++entry) {
      const auto missing = std::find_if(
          (*entry)->needs.begin(), (*entry)->needs.end(), [&](const std::string& need) {
            if (need == "server") return !has("server");
            return std::none_of(wanted.begin(), wanted.end(),
                                [&](const auto* other) { return other->name == need; });
          });
      if (missing == (*entry)->needs.end()) continue;
      config_.warn({(*entry)->section,
                    "section `" + (*entry)->section + "` has no effect: it needs a section `" +
                        *missing + "`",
                    find((*entry)->section)->at()});
      log_.debug("plugin disabled, not enough Init dependencies",
                 kv("name", go_name((*entry)->name)));
      wanted.erase(entry);
      changed = true;
      break;
    }
  }
  std::vector<const PluginRegistry::Entry*> order;
  std::set<std::string> placed;
  while (order.size() < wanted.size()) {
    const std::size_t before = order.size();
    for (const auto* entry : wanted) {
      if (placed.contains(entry->name)) continue;
      const auto ready = [&](const std::vector<std::string>& names) {
        return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
          return placed.contains(name) ||
                 std::none_of(wanted.begin(), wanted.end(),
                              [&](const auto* other) { return other->name == name; });
        });
      };
      if (!ready(entry->needs) || !ready(entry->after)) continue;
      placed.insert(entry->name);
      order.push_back(entry);
    }
    if (order.size() == before) throw std::logic_error("plugins need each other in a circle");
  }
  return order;
}

void Container::init(const PluginRegistry& registry) {
  for (const auto* entry : ordered(registry)) {
    log_.debug("calling init method", kv("plugin", go_name(entry->name)));
    auto plugin = entry->make();
    plugin->init(*this);
    plugins_.push_back({entry->name, std::move(plugin), entry->needs, entry->after});
  }
}

std::string Container::graph() const {
  std::string text = "digraph endure {\n\trankdir=TB;\n";
  const auto edges = [&](const Running& from, const std::vector<std::string>& names,
                         const char* style) {
    for (const std::string& name : names) {
      const bool exists =
          name == "server" || std::ranges::find(plugins_, name, &Running::name) != plugins_.end();
      if (exists) text += "\t\"" + from.name + "\" -> \"" + name + "\"" + style + ";\n";
    }
  };
  for (const Running& each : plugins_) {
    text += "\t\"" + each.name + "\";\n";
    edges(each, each.needs, "");
    edges(each, each.after, " [style=dashed]");
  }
  return text + "}\n";
}

void Container::serve() {
  for (Running& running : plugins_) {
    ++served_;
    log_.debug("calling serve method", kv("plugin", go_name(running.name)));
    if (auto served = running.plugin->serve(); !served) {
      const Error& error = served.error();
      if (error.op.empty() && error.message.starts_with("listen ")) {
        log_.error("plugin returned an error from the 'Serve' method", kv("error", error.text()),
                   kv("plugin", go_name(running.name)));
        throw PluginFailed(error.text(), go_name(running.name));
      }
      throw ConfigError(
          {"serve error from the plugin " + go_name(running.name) + " stopping execution, error"},
          error.text(), "Function call error");
    }
  }
}

void Container::hand_over(TimePoint until) {
  for (std::size_t i = 0; i < served_; ++i) plugins_[i].plugin->hand_over(until);
}

void Container::stop(TimePoint deadline) {
  for (std::size_t i = 0; i < served_; ++i) plugins_[i].plugin->refuse();
  while (served_ > 0) {
    Running& running = plugins_[--served_];
    log_.debug("calling stop method", kv("plugin", go_name(running.name)));
    running.plugin->stop(deadline);
  }
}

}  // namespace rr::app
