// The environment of worker processes (spec 01 §3.2).
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace rr::pool {

using Variables = std::vector<std::pair<std::string, std::string>>;

// Where a worker's environment comes from; later entries win. Values are as configured: whoever
// fills this in has expanded them.
struct EnvironmentSources {
  Variables server_process;  // the server's own environment
  std::string relay = "pipes";
  std::string rpc_listen;  // empty: RR_RPC stays unset, unless the server's own environment has it
  Variables server_env;    // server.env; names become upper case
  std::string version;     // a leading v is taken away
  Variables pool;          // RR_MODE and others; names become upper case
};

// NAME=value, each name once.
std::vector<std::string> worker_environment(const EnvironmentSources& sources);

// Of this process.
Variables own_environment();

}  // namespace rr::pool
