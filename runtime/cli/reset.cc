// `reset`: replaces the workers of all or of named plugins of the running server.
#include <map>

#include "runtime/cli/command.h"
#include "runtime/cli/output.h"
#include "runtime/cli/rpc_client.h"
#include "runtime/core/sd_notify.h"

namespace rr::cli {

namespace {

std::vector<std::string> listed(RpcClient& server) {
  std::vector<std::string> names;
  const nlohmann::json list = server.call("resetter.List", true);
  if (!list.is_array()) return names;
  for (const nlohmann::json& name : list) {
    if (name.is_string()) names.push_back(name.get<std::string>());
  }
  return names;
}

}  // namespace

int run_reset(const Invocation& invocation) {
  const bool silent = invocation.globals.silent;
  RpcClient server(rpc_address(invocation.globals));
  sd_notify("RELOADING=1");  // as RoadRunner: of a command no clock is wanted
  const std::vector<std::string> names =
      invocation.arguments.empty() ? listed(server) : invocation.arguments;
  std::map<std::uint32_t, std::string> waiting;
  for (const std::string& name : names) {
    if (!silent) print_dated("resetting plugin: [" + name + "] ");
    waiting[server.send("resetter.Reset", name)] = name;
  }
  int code = 0;
  while (!waiting.empty()) {
    const RpcClient::Reply reply = server.receive();
    const auto known = waiting.find(reply.sequence);
    if (known == waiting.end()) continue;
    if (!reply.error.empty()) {
      report(ConfigError({}, "plugin [" + known->second + "] was not reset: " + reply.error, {}));
      code = 1;
    } else if (!silent) {
      print_dated("plugin reset: [" + known->second + "]");
    }
    waiting.erase(known);
  }
  sd_notify("READY=1");
  return code;
}

}  // namespace rr::cli
