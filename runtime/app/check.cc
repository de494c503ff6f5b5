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
#include "runtime/plugins/metrics/config.h"
#include "runtime/plugins/rpc/config.h"
#include "runtime/plugins/rpc/group.h"
#include "runtime/plugins/service/plan.h"
#include "runtime/plugins/status/config.h"

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

// A row of middleware, at `key` of the section `http`.
void check_row(Config& config, const std::vector<std::string>& row, const std::string& key,
               const config::Node* node, http::MiddlewareOrder order) {
  const auto warn = [&](std::string text) {
    config.warn({"http." + key, std::move(text), node ? node->at() : config::Position{}});
  };
  for (const std::string& name : row) {
    if (name == "http_metrics") {
      if (!config.has("metrics"))
        warn("middleware \"" + name + "\" has no effect: it needs a section `metrics`");
    } else if (http::planned_middleware(name)) {
      warn("middleware \"" + name + "\" is not built yet in rr-embed: it has no effect");
    } else if (!config.has("plugins") &&  // whose libraries say at the start what they have
               std::ranges::find(http::built_in_middleware(), name, &http::BuiltIn::name) ==
                   http::built_in_middleware().end()) {
      warn("requested middleware does not exist: \"" + name + "\"");
    }
  }
  if (row.size() > 1) warn(http::order_in_force(row, order));
}

void check_middleware(Config& config, const http::HttpConfig& http) {
  const config::Node* section = config.root().find("http");
  check_row(config, http.middleware, "middleware", section->find("middleware"),
            http.middleware_order);
  const config::Node* routes = section->find("routes");
  for (std::size_t i = 0; i < http.routes.size(); ++i) {
    if (!http.routes[i].middleware) continue;
    const bool listed = routes->is(config::Node::Kind::list);
    const config::Node& route = listed ? routes->list()[i] : *routes;
    check_row(config, *http.routes[i].middleware, "routes[" + std::to_string(i) + "].middleware",
              route.find("middleware"), http.middleware_order);
  }
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

void check_operators(Config& config, std::vector<Problem>& found) {
  if (config.has("metrics"))
    check_address(config, "metrics.address",
                  config.section<metrics::MetricsConfig>("metrics").address, found);
  if (config.has("status"))
    check_address(config, "status.address", config.section<status::StatusConfig>("status").address,
                  found);
}

void check_services(Config& config, std::vector<Problem>& found) {
  for (const auto& [name, each] : config.section<service::ServicesConfig>("service")) {
    const std::string path = "service." + name;
    if (auto program = pool::find_program(service::split_command(each.command).front()); !program)
      found.push_back(problem_at(config, path + ".command", program.error().message));
    if (auto user = user_of(each.user); !user)
      found.push_back(problem_at(config, path + ".user", user.error().message));
  }
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
  if (!http.has_threads()) return;
  if (auto alone = one_user(server); !alone)
    found.push_back(problem_at(config, "server.on_init.user", alone.error().message));
  const auto check_command = [&](const pool::PoolConfig& pool, const std::string& key) {
    if (pool.mode == pool::Mode::process) return;
    const bool own = !pool.command.empty();
    const auto command = parse_php_command(own ? pool.command.words : server.command.words);
    if (command) return;
    found.push_back(
        problem_at(config, own ? key + ".command" : "server.command", command.error().message));
  };
  check_command(http.pool, "http.pool");
  for (const auto& [name, pool] : http.pools) check_command(pool, "http.pools." + name);
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
    check_operators(config, found);
    check_services(config, found);
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
