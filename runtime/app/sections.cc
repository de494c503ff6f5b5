#include "runtime/app/sections.h"

#include <string>
#include <string_view>
#include <tuple>

#include "runtime/app/endure_config.h"
#include "runtime/app/server_config.h"
#include "runtime/core/log/config.h"
#include "runtime/plugins/http/config.h"
#include "runtime/plugins/rpc/config.h"

namespace rr::app {

namespace {

template <config::Table T>
struct Section {
  using Struct = T;
  std::string_view name;
  std::string_view meaning;
};

constexpr std::tuple kSections{
    Section<ServerConfig>{"server", "how PHP is started"},
    Section<http::HttpConfig>{"http", "the HTTP server"},
    Section<rpc::RpcConfig>{"rpc", "what PHP and the command line talk to"},
    Section<log::LogsConfig>{"logs", "the log"},
    Section<EndureConfig>{"endure", "the container of the plugins"},
};

template <class Each>
void for_each_section(Each each) {
  std::apply([&](const auto&... section) { (each(section), ...); }, kSections);
}

}  // namespace

std::vector<config::Description> known_sections() {
  std::vector<config::Description> all;
  for_each_section([&]<class T>(const Section<T>& section) {
    all.push_back(config::describe<T>(section.name, section.meaning));
  });
  return all;
}

std::vector<config::Problem> check_sections(config::Config& config) {
  std::vector<config::Problem> all;
  for_each_section([&]<class T>(const Section<T>& section) {
    try {
      static_cast<void>(config.section<T>(section.name));
    } catch (const ConfigError& e) {
      for (config::Problem problem : e.problems()) {
        problem.path = std::string(section.name) + (problem.path.empty() ? "" : "." + problem.path);
        all.push_back(std::move(problem));
      }
    }
  });
  return all;
}

}  // namespace rr::app
