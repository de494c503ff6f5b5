#include "runtime/app/libraries.h"

#include <dlfcn.h>

#include <algorithm>
#include <string>
#include <vector>

#include "rr/plugin_library.h"

namespace rr::app {
namespace {

ConfigError failed(const config::Node& node, std::string why) {
  return ConfigError::failed({"plugins"}, {}, {{"plugins", std::move(why), node.at()}});
}

// A function of the library; throws when it has none of that name.
template <class Function>
Function* function_of(void* library, const char* name, const std::string& path,
                      const config::Node& node) {
  auto* found = reinterpret_cast<Function*>(dlsym(library, name));
  if (found == nullptr)
    throw failed(node, path + " is no library with plugins: it has no " + name +
                           " (RR_PLUGIN_LIBRARY defines it)");
  return found;
}

void load(const std::string& path, const config::Node& node, const PluginRegistry& built_in,
          PluginRegistry& registry) {
  // With a slash: a lone name would be looked for in the system's folders.
  const std::string file = path.find('/') == std::string::npos ? "./" + path : path;
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* why = dlerror();
    throw failed(node, "the library cannot be loaded: " + std::string(why ? why : path));
  }
  auto* built_for = function_of<const char*()>(library, "rr_plugin_built_for", path, node);
  if (std::string_view(built_for()) != RR_PLUGIN_BUILT_FOR)
    throw failed(node, path + " is built for \"" + built_for() + "\", this server is \"" +
                           RR_PLUGIN_BUILT_FOR +
                           "\": build it anew with the headers of this version");
  auto* add = function_of<void(PluginRegistry&)>(library, "rr_plugin_register", path, node);
  PluginRegistry found;
  add(found);
  for (const PluginRegistry::Entry& entry : found.entries()) {
    const auto has = [&](const PluginRegistry& some) {
      return std::ranges::find(some.entries(), entry.name, &PluginRegistry::Entry::name) !=
             some.entries().end();
    };
    const bool taken = has(registry) || has(built_in);
    if (taken) throw failed(node, path + ": the plugin name \"" + entry.name + "\" is taken");
    registry.add(entry);
  }
}

}  // namespace

void load_libraries(PluginRegistry& registry, const PluginRegistry& built_in,
                    const config::Config& config) {
  const config::Node* node = config.root().find("plugins");
  if (node == nullptr) return;
  std::vector<std::string> paths;
  config::Errors errors;
  {
    config::Errors::Scope scope(errors, "plugins", *node);
    config::decode_value(*node, paths, errors);
  }
  errors.throw_if_any({"plugins", "config_plugin_unmarshal_key"});
  for (const std::string& path : paths) load(path, *node, built_in, registry);
}

}  // namespace rr::app
