#include "runtime/plugins/service/plan.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "runtime/core/config/expand.h"

namespace rr::service {

namespace {

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

// not_found is for methods: RPC would say that there is none.
Error refused(const Error& why) {
  return Error(Errc::invalid, "", why.message);
}

// Values may name variables of the server.
std::vector<std::string> environment(const config::EnvMap& own, const pool::Variables& server) {
  std::map<std::string, std::string> all(server.begin(), server.end());
  const std::map<std::string, std::string> given = all;
  const auto look_up = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = given.find(name);
    return found == given.end() ? std::nullopt : std::optional(found->second);
  };
  for (const auto& [name, value] : own.variables)
    all.insert_or_assign(upper(name), config::expand(value, look_up));
  std::vector<std::string> out;
  out.reserve(all.size());
  for (const auto& [name, value] : all) out.push_back(name + "=" + value);
  return out;
}

}  // namespace

std::vector<std::string> split_command(std::string_view command) {
  std::vector<std::string> words;
  if (command.empty()) return words;
  for (;;) {
    const auto space = command.find(' ');
    words.emplace_back(command.substr(0, space));
    if (space == std::string_view::npos) return words;
    command.remove_prefix(space + 1);
  }
}

Result<pool::LaunchPlan> make_plan(const ServiceConfig& config, const pool::Variables& server,
                                   const pool::Reaper& reaper) {
  pool::LaunchPlan plan;
  plan.command = split_command(config.command);
  if (plan.command.empty() || plan.command.front().empty())
    return Error(Errc::invalid, "", "exec: no command");
  auto program = pool::find_program(plan.command.front());
  if (!program) return refused(program.error());
  plan.command.front() = *program;
  if (!config.user.empty()) {
    auto user = pool::find_user(config.user);
    if (!user) return refused(user.error());
    plan.run_as = *user;
  }
  plan.environment = environment(config.env, server);
  plan.streams = pool::LaunchPlan::Streams::output;
  plan.reaper = &reaper;
  return plan;
}

std::string shown_command(const pool::LaunchPlan& plan) {
  std::string out;
  for (const std::string& word : plan.command) out.append(out.empty() ? "" : " ").append(word);
  return out;
}

}  // namespace rr::service
