#include "runtime/app/check.h"

#include <algorithm>
#include <string>

#include "runtime/app/container.h"
#include "runtime/app/php_command.h"
#include "runtime/app/sections.h"
#include "runtime/app/server_config.h"
#include "runtime/plugins/http/config.h"
#include "runtime/pool/process/launcher.h"

namespace rr::app {

namespace {

using config::Config;
using config::Problem;

void check_needs(Config& config) {
  PluginRegistry registry;
  register_all(registry);
  for (const PluginRegistry::Entry& entry : registry.entries()) {
    if (entry.section.empty() || !config.has(entry.section)) continue;
    for (const std::string& need : entry.needs) {
      const auto other = std::ranges::find(registry.entries(), need, &PluginRegistry::Entry::name);
      const std::string section = other == registry.entries().end() ? need : other->section;
      if (section.empty() || config.has(section)) continue;
      config.warn({entry.section, "has no effect: it needs a section `" + section + "`",
                   config.root().find(entry.section)->at()});
    }
  }
}

Problem problem_at(const Config& config, std::string path, std::string text) {
  const config::Node* node = config.root().find(path);
  return {std::move(path), std::move(text), node == nullptr ? config::Position{} : node->at()};
}

void check_server(Config& config, std::vector<Problem>& found) {
  const auto server = config.section<ServerConfig>("server");
  if (!server.user.empty()) {
    if (auto user = pool::find_user(server.user); !user)
      found.push_back(problem_at(config, "server.user", user.error().message));
  }
  if (!config.has("http")) return;
  const auto http = config.section<http::HttpConfig>("http");
  if (http.pool.mode == pool::Mode::process) return;
  const bool own = !http.pool.command.empty();
  const auto command = parse_php_command(own ? http.pool.command.words : server.command.words);
  if (!command) {
    found.push_back(
        problem_at(config, own ? "http.pool.command" : "server.command", command.error().message));
  }
}

}  // namespace

std::vector<Problem> check(Config& config) {
  std::vector<Problem> found = check_sections(config);
  check_needs(config);
  std::vector<Problem> warnings = config.take_warnings();
  if (found.empty() && config.has("server")) check_server(config, found);
  static_cast<void>(config.take_warnings());  // the same ones again
  for (Problem& warning : warnings) config.warn(std::move(warning));
  return found;
}

}  // namespace rr::app
