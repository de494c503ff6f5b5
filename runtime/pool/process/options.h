// What a crew of worker processes is made with.
#pragma once

#include <cstdint>
#include <string>

#include "rr/exchange.h"
#include "rr/log.h"
#include "runtime/pool/process/launcher.h"

namespace rr::pool {

struct ProcessLimits {
  Duration watch_tick = std::chrono::seconds(5);
  // Zero: none.
  Duration ttl{};                  // age, when idle
  Duration idle_ttl{};             // since the last job began, when idle; in whole seconds
  std::uint64_t memory_bytes = 0;  // RSS, when idle
};

struct ProcessOptions {
  LaunchPlan launch;
  std::uint32_t workers = 1;
  std::uint64_t max_jobs = 0;  // 0: no limit; each worker's own is up to 14 % higher
  Duration allocate_timeout = std::chrono::seconds(60);  // from the start to the answered handshake
  Duration stream_timeout = std::chrono::seconds(60);  // from our stop bit to the end of the stream
  Duration exec_ttl{};                                 // zero: none
  ProcessLimits limits;
  std::uint32_t max_payload = 1U << 30;  // of one frame
  // A process for each exchange, stopped behind it; `workers`, `max_jobs` and `limits` do not
  // count.
  bool debug = false;
  Logger log;     // the pool's
  Logger output;  // what workers write to stderr: `server`
};

}  // namespace rr::pool
