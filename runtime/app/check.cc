#include "runtime/app/check.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "runtime/app/container.h"
#include "runtime/app/php_command.h"
#include "runtime/app/sections.h"
#include "runtime/app/server_config.h"
#include "runtime/app/users.h"
#include "runtime/plugins/fileserver/config.h"
#include "runtime/plugins/http/config.h"
#include "runtime/plugins/http/middleware/built_in.h"
#include "runtime/plugins/http/middleware/chain.h"
#include "runtime/plugins/rpc/config.h"
#include "runtime/plugins/rpc/group.h"

namespace rr::app {

namespace {

using config::Config;
using config::Problem;

void check_needs(Config& config) {
  PluginRegistry registry;
  register_all(registry, config);
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

// "host:port" and the like, as far as can be told without asking a name server.
void check_address(const Config& config, const std::string& path, std::string_view address,
                   std::vector<Problem>& found) {
  if (address.empty() || address.starts_with("unix://")) return;
  const std::string port(address.substr(address.rfind(':') + 1));
  const bool digits = port.find_first_not_of("0123456789") == std::string::npos;
  if (digits && port.size() <= 5 && std::atoi(port.c_str()) <= 65535) return;
  found.push_back(
      problem_at(config, path, "the port should be a number up to 65535, got \"" + port + "\""));
}

void check_rpc(Config& config, std::vector<Problem>& found) {
  if (!config.has("rpc")) return;
  const auto rpc = config.section<rpc::RpcConfig>("rpc");
  check_address(config, "rpc.listen", rpc.listen, found);
  if (rpc.group.empty()) return;
  if (auto group = rpc::find_group(rpc.group); !group)
    found.push_back(problem_at(config, "rpc.group", group.error().message));
}

void check_middleware(Config& config, const http::HttpConfig& http) {
  const auto warn = [&](std::string text) {
    config.warn({"http.middleware", std::move(text), config.root().find("http.middleware")->at()});
  };
  for (const std::string& name : http.middleware) {
    if (http::planned_middleware(name)) {
      warn("middleware \"" + name + "\" is not built yet in rr-embed: it has no effect");
    } else if (!config.has("plugins") &&  // whose libraries say at the start what they have
               std::ranges::find(http::built_in_middleware(), name, &http::BuiltIn::name) ==
                   http::built_in_middleware().end()) {
      warn("requested middleware does not exist: \"" + name + "\"");
    }
  }
  if (http.middleware.size() > 1) warn(http::order_in_force(http));
}

void check_http(Config& config, std::vector<Problem>& found) {
  if (!config.has("http")) return;
  const auto http = config.section<http::HttpConfig>("http");
  check_address(config, "http.address", http.address, found);
  const bool listens = !http.address.empty() || config.has("http.ssl") || config.has("http.fcgi");
  if (!listens) found.push_back(problem_at(config, "http", "has no address to listen on"));
  check_middleware(config, http);
}

void check_fileserver(Config& config, std::vector<Problem>& found) {
  if (!config.has("fileserver")) return;
  const auto fileserver = config.section<fileserver::FileServerConfig>("fileserver");
  check_address(config, "fileserver.address", fileserver.address, found);
}

void check_server(Config& config, std::vector<Problem>& found) {
  const auto server = config.section<ServerConfig>("server");
  if (auto user = user_of(server.user); !user)
    found.push_back(problem_at(config, "server.user", user.error().message));
  if (server.on_init) {
    if (auto user = user_of(server.on_init->user); !user)
      found.push_back(problem_at(config, "server.on_init.user", user.error().message));
  }
  if (!config.has("http")) return;
  const auto http = config.section<http::HttpConfig>("http");
  if (http.pool.mode == pool::Mode::process) return;
  if (auto alone = one_user(server); !alone)
    found.push_back(problem_at(config, "server.on_init.user", alone.error().message));
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
  try {
    check_needs(config);
  } catch (const ConfigError& error) {  // a library that cannot be loaded
    found.insert(found.end(), error.problems().begin(), error.problems().end());
  }
  std::vector<Problem> warnings = config.take_warnings();
  if (found.empty()) {
    check_rpc(config, found);
    check_http(config, found);
    check_fileserver(config, found);
    if (config.has("server")) check_server(config, found);
  }
  const auto same = [](const Problem& a, const Problem& b) {
    return a.path == b.path && a.text == b.text;
  };
  for (Problem& warning : config.take_warnings()) {  // the same ones again, and others
    if (std::none_of(warnings.begin(), warnings.end(),
                     [&](const Problem& other) { return same(warning, other); }))
      warnings.push_back(std::move(warning));
  }
  for (Problem& warning : warnings) config.warn(std::move(warning));
  return found;
}

}  // namespace rr::app
