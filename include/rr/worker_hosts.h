// The pools of all plugins by the names that users know them by.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rr/plugin.h"

namespace rr {

// "http", "http:admin": each name once, in the order of the plugins.
inline std::vector<std::string> pool_names(const std::vector<WorkerHost*>& hosts) {
  std::vector<std::string> names;
  const auto add = [&](std::string name) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  };
  for (WorkerHost* host : hosts) {
    add(std::string(host->host_name()));
    for (WorkerHost::Named& named : host->more_pools()) add(std::move(named.name));
  }
  return names;
}

// All pools of one plugin; that of pool() first. A pool that only its plugin owns is as good as the
// plugin.
inline std::vector<std::shared_ptr<Pool>> pools_of(WorkerHost& host) {
  std::vector<std::shared_ptr<Pool>> pools;
  pools.emplace_back(std::shared_ptr<void>(), &host.pool());
  for (WorkerHost::Named& named : host.more_pools()) pools.push_back(std::move(named.pool));
  return pools;
}

// Those of that name; none: nobody has one.
inline std::vector<std::shared_ptr<Pool>> pools_named(const std::vector<WorkerHost*>& hosts,
                                                      std::string_view name) {
  std::vector<std::shared_ptr<Pool>> pools;
  for (WorkerHost* host : hosts) {
    if (host->host_name() == name) pools.emplace_back(std::shared_ptr<void>(), &host->pool());
    for (WorkerHost::Named& named : host->more_pools()) {
      if (named.name == name) pools.push_back(std::move(named.pool));
    }
  }
  return pools;
}

}  // namespace rr
