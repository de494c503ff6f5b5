// `upgrade`: the new program serves while the old one ends what it has begun.
#include "runtime/cli/command.h"
#include "runtime/cli/output.h"
#include "runtime/cli/rpc_client.h"

namespace rr::cli {

int run_upgrade(const Invocation& invocation) {
  const bool silent = invocation.globals.silent;
  RpcClient server(rpc_address(invocation.globals));
  if (!silent) print_dated("starting the new server");
  server.call("upgrade.Start", true);
  if (!silent) print_dated("the new server serves, the old one ends what it has begun");
  return 0;
}

}  // namespace rr::cli
