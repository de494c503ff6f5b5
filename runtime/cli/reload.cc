// `reload`: the running server reads its configuration anew and replaces its workers.
#include "runtime/cli/command.h"
#include "runtime/cli/output.h"
#include "runtime/cli/rpc_client.h"

namespace rr::cli {

namespace {

void print_list(const nlohmann::json& report, const char* name, const std::string& before) {
  const auto list = report.find(name);
  if (list == report.end() || !list->is_array()) return;
  for (const nlohmann::json& item : *list) {
    if (item.is_string()) print(before + item.get<std::string>() + "\n");
  }
}

}  // namespace

int run_reload(const Invocation& invocation) {
  RpcClient server(rpc_address(invocation.globals));
  const nlohmann::json report = server.call("server.Reload", nullptr);
  if (invocation.globals.silent) return 0;
  print_list(report, "changed", "changed: ");
  print_list(report, "reset", "new workers: ");
  print_list(report, "restart", "needs a restart: ");
  return 0;
}

}  // namespace rr::cli
