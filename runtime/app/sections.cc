#include "runtime/app/sections.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>

#include "runtime/app/endure_config.h"
#include "runtime/app/libraries.h"
#include "runtime/app/server_config.h"
#include "runtime/core/log/config.h"
#include "runtime/plugins/fileserver/config.h"
#include "runtime/plugins/http/config.h"
#include "runtime/plugins/http/middleware/built_in.h"
#include "runtime/plugins/kv/section.h"
#include "runtime/plugins/lock/config.h"
#include "runtime/plugins/metrics/config.h"
#include "runtime/plugins/rpc/config.h"
#include "runtime/plugins/service/config.h"
#include "runtime/plugins/status/config.h"

namespace rr::app {

namespace {

template <config::Section T>
struct Section {
  using Struct = T;
  std::string_view name;
  std::string_view meaning;
};

constexpr std::tuple kSections{
    Section<ServerConfig>{"server", "how PHP is started"},
    Section<http::HttpConfig>{"http", "the HTTP server"},
    Section<fileserver::FileServerConfig>{"fileserver", "files on an address of their own"},
    Section<rpc::RpcConfig>{"rpc", "what PHP and the command line talk to"},
    Section<lock::LockConfig>{"lock", "locks that workers share"},
    Section<service::ServicesConfig>{"service", "programs beside the server, by name"},
    Section<metrics::MetricsConfig>{"metrics", "what Prometheus reads"},
    Section<status::StatusConfig>{"status", "an address that says whether the server is well"},
    Section<log::LogsConfig>{"logs", "the log"},
    Section<EndureConfig>{"endure", "the container of the plugins"},
};

template <class Each>
void for_each_section(Each each) {
  std::apply([&](const auto&... section) { (each(section), ...); }, kSections);
}

// Puts the keys of a section ("http", "http.static") where they belong; parents come first.
void place(std::vector<config::Description>& all, std::string_view path,
           config::Description section) {
  const auto dot = path.find('.');
  const std::string_view name = path.substr(0, dot);
  const auto found = std::ranges::find(all, name, &config::Description::key);
  if (dot != std::string_view::npos) {
    place(found->children, path.substr(dot + 1), std::move(section));
  } else if (found == all.end()) {
    section.key = name;
    all.push_back(std::move(section));
  } else {
    found->children.insert(found->children.end(), section.children.begin(), section.children.end());
  }
}

void report(const ConfigError& error, std::string_view section,
            std::vector<config::Problem>& found) {
  for (config::Problem problem : error.problems()) {
    problem.path = std::string(section) + (problem.path.empty() ? "" : "." + problem.path);
    found.push_back(std::move(problem));
  }
}

}  // namespace

std::vector<config::Description> known_sections() {
  std::vector<config::Description> all;
  for_each_section([&]<class T>(const Section<T>& section) {
    all.push_back(config::describe<T>(section.name, section.meaning));
  });
  for (const http::BuiltIn& each : http::built_in_middleware())
    place(all, each.section, each.describe(each));
  all.push_back(keyvalue::describe_section());
  return all;
}

std::vector<config::Description> known_sections(const config::Config& config) {
  auto all = known_sections();
  PluginRegistry foreign;
  try {
    load_libraries(foreign, {}, config);
  } catch (const ConfigError&) {  // said by whoever starts or checks
  }
  for (const PluginRegistry::Entry& entry : foreign.entries()) {
    config::Description section;
    section.key = entry.section;
    section.type = "map";
    if (!entry.section.empty()) all.push_back(std::move(section));
  }
  return all;
}

std::vector<config::Problem> check_sections(config::Config& config) {
  std::vector<config::Problem> all;
  for_each_section([&]<class T>(const Section<T>& section) {
    try {
      static_cast<void>(config.section<T>(section.name));
    } catch (const ConfigError& e) {
      report(e, section.name, all);
    }
  });
  for (const http::BuiltIn& each : http::built_in_middleware()) {
    try {
      each.check(each, config);
    } catch (const ConfigError& e) {
      report(e, each.section, all);
    }
  }
  keyvalue::SectionReview storages = keyvalue::check_section(config.root());
  all.insert(all.end(), storages.errors.begin(), storages.errors.end());
  for (config::Problem& warning : storages.warnings) config.warn(std::move(warning));
  return all;
}

}  // namespace rr::app
