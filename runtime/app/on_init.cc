#include "runtime/app/on_init.h"

#include <algorithm>

#include "rr/exchange.h"
#include "runtime/pool/process/environment.h"
#include "runtime/pool/process/launcher.h"
#include "runtime/pool/process/run_program.h"

namespace rr::app {
namespace {

// The server's own variables win over those of the configuration, as in RoadRunner; there are no
// RR_* ones.
std::vector<std::string> environment(const OnInitConfig& config) {
  std::vector<std::string> all;
  const pool::Variables own = pool::own_environment();
  const auto add = [&all](const auto& variable) {
    all.emplace_back(variable.first).append("=").append(variable.second);
  };
  for (const auto& variable : own) add(variable);
  for (const auto& variable : config.env.variables) {
    const bool taken = std::any_of(own.begin(), own.end(), [&variable](const auto& other) {
      return other.first == variable.first;
    });
    if (!taken) add(variable);
  }
  return all;
}

Result<pool::LaunchPlan> plan_of(const OnInitConfig& config) {
  pool::LaunchPlan plan;
  plan.command = config.command.words;
  plan.environment = environment(config);
  if (!config.user.empty()) {
    auto found = pool::find_user(config.user);
    if (!found) return std::move(found).error();
    plan.run_as = *found;
  }
  return plan;
}

Result<void> run(const OnInitConfig& config, pool::Reaper& reaper, const Logger& log) {
  auto plan = plan_of(config);
  if (!plan) return std::move(plan).error();
  return pool::run_program(std::move(plan).value(), &reaper, Clock::now() + config.exec_timeout,
                           "startup process has been killed by timeout",
                           [&log](std::string_view line) { log.info(line); });
}

}  // namespace

Result<void> run_on_init(const OnInitConfig& config, pool::Reaper& reaper, const Logger& log) {
  auto done = run(config, reaper, log);
  if (!done) log.error("on_init was finished with errors", kv("error", done.error().text()));
  return done;
}

}  // namespace rr::app
