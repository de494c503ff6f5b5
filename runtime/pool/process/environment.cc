#include "runtime/pool/process/environment.h"

#include <unistd.h>

#include <string_view>
#include <unordered_map>

namespace rr::pool {
namespace {

std::string upper(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

class Layers {
 public:
  void set(std::string name, const std::string& value) {
    const auto [place, added] = places_.try_emplace(name, all_.size());
    std::string entry = std::move(name) + "=" + value;
    if (added) {
      all_.push_back(std::move(entry));
    } else {
      all_[place->second] = std::move(entry);
    }
  }
  std::vector<std::string> take() { return std::move(all_); }

 private:
  std::vector<std::string> all_;
  std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace

std::vector<std::string> worker_environment(const EnvironmentSources& sources) {
  Layers layers;
  for (const auto& [name, value] : sources.server_process) layers.set(name, value);
  layers.set("RR_RELAY", sources.relay);
  if (!sources.rpc_listen.empty()) layers.set("RR_RPC", sources.rpc_listen);
  for (const auto& [name, value] : sources.server_env) layers.set(upper(name), value);
  std::string_view version = sources.version;
  if (version.starts_with('v')) version.remove_prefix(1);
  layers.set("RR_VERSION", std::string(version));
  for (const auto& [name, value] : sources.pool) layers.set(upper(name), value);
  return layers.take();
}

Variables own_environment() {
  Variables all;
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=', 1);
    if (equals == std::string_view::npos) continue;
    all.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return all;
}

}  // namespace rr::pool
