#include "rr/pool.h"

#include "rr/http.h"

namespace rr {

RunningExchange describe(Exchange& exchange, TimePoint since) {
  RunningExchange running;
  running.since = since;
  HttpExchange* http = exchange.http();
  if (!http) return running;
  const HttpRequest& request = http->request();
  const std::string_view path = request(request.head.path);
  running.method = request(request.head.method);
  running.path = path.substr(0, RunningExchange::kMaxPath);
  if (path.size() > RunningExchange::kMaxPath) running.path += "…";
  return running;
}

std::string_view to_string(WorkerState state) {
  switch (state) {
    case WorkerState::inactive:
      return "inactive";
    case WorkerState::ready:
      return "ready";
    case WorkerState::working:
      return "working";
    case WorkerState::invalid:
      return "invalid";
    case WorkerState::stopping:
      return "stopping";
    case WorkerState::stopped:
      return "stopped";
    case WorkerState::destroyed:
      return "destroyed";
    case WorkerState::max_jobs_reached:
      return "maxJobsReached";
    case WorkerState::errored:
      return "errored";
    case WorkerState::idle_ttl_reached:
      return "idleTTLReached";
    case WorkerState::ttl_reached:
      return "ttlReached";
    case WorkerState::max_memory_reached:
      return "maxMemoryReached";
    case WorkerState::exec_ttl_reached:
      return "undefined";
  }
  return "undefined";
}

bool can_become(WorkerState from, WorkerState to) {
  if (to == WorkerState::destroyed) return true;
  if (from == WorkerState::destroyed) return false;
  if (to == WorkerState::ready) {
    return from == WorkerState::working || from == WorkerState::inactive;
  }
  if (to == WorkerState::working) return from == WorkerState::ready;
  return true;
}

}  // namespace rr
