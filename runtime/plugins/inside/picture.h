// What the server looks like from inside, as values. docs/commands.md describes them.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "rr/plugin.h"
#include "rr/rpc.h"
#include "runtime/plugins/inside/recent_errors.h"

namespace rr::inside {

// Workers of all pools that are shown one by one; of more only the numbers.
inline constexpr std::size_t kMaxWorkers = 2000;

// `started`: the server.
RpcValue picture_of(const std::vector<WorkerHost*>& hosts, const RecentErrors& errors,
                    std::chrono::system_clock::time_point started);
RpcValue picture_of(const WorkerStack& stack, const std::string& pool);

}  // namespace rr::inside
