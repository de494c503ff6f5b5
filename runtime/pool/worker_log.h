// Records of a worker's life, the same for every kind of worker and worded as in RoadRunner: tools
// look for the texts and for internal_event_name (spec 05 §6).
#pragma once

#include <cstdint>

#include "rr/log.h"
#include "rr/pool.h"

namespace rr::pool {

// `pid` is a thread's id where the worker is a thread; `max_execs` 0: no limit.
inline void log_allocated(const Logger& log, std::int64_t pid, std::uint64_t max_execs) {
  log.debug("worker is allocated", kv("pid", pid), kv("max_execs", max_execs),
            kv("internal_event_name", "EventWorkerConstruct"));
}

// A life ended; `how` says in which way. A warning when nobody wanted it to.
inline void log_stopped(const Logger& log, log::Level level, std::int64_t pid,
                        const log::KeyValue& how) {
  log.log(level, "worker stopped", kv("pid", pid), how,
          kv("internal_event_name", "EventWorkerWaitExit"));
}

// A soft limit was reached; `memory` counts for max_memory_reached only.
inline void log_limit(const Logger& log, std::int64_t pid, WorkerState reached,
                      std::uint64_t memory) {
  switch (reached) {
    case WorkerState::ttl_reached:
      return log.debug("ttl", kv("reason", "ttl is reached"), kv("pid", pid),
                       kv("internal_event_name", "EventTTL"));
    case WorkerState::idle_ttl_reached:
      return log.debug("idle_ttl", kv("reason", "idle ttl is reached"), kv("pid", pid),
                       kv("internal_event_name", "EventIdleTTL"));
    default:
      // Not debug as there: it is the one limit that says something is wrong.
      return log.warn("memory_limit", kv("reason", "max memory is reached"), kv("pid", pid),
                      kv("memory", memory), kv("internal_event_name", "EventMaxMemory"));
  }
}

}  // namespace rr::pool
