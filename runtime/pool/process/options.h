// What a crew of worker processes is made with.
#pragma once

#include <cstdint>
#include <string>

#include "rr/exchange.h"
#include "rr/log.h"
#include "runtime/pool/process/launcher.h"
#include "runtime/pool/soft_limits.h"
#include "runtime/pool/worker_events.h"

namespace rr::pool {

class Relay;

struct ProcessOptions {
  LaunchPlan launch;
  Reaper* reaper = nullptr;  // as in `launch`; null: none. The server's, outlives pools
  Relay* relay = nullptr;    // where workers connect to; null: pipes. The server's, outlives pools
  std::uint32_t workers = 1;
  std::uint64_t max_jobs = 0;  // 0: no limit; each worker's own is up to 14 % higher
  Duration allocate_timeout = std::chrono::seconds(60);  // from the start to the answered handshake
  Duration stream_timeout = std::chrono::seconds(60);  // from our stop bit to the end of the stream
  Duration exec_ttl{};                                 // zero: none
  Duration slow_exchange{};                            // zero: none; see PoolFactory::Wanted
  SoftLimits limits;
  std::uint32_t max_payload = 1U << 30;  // of one frame
  // A process for each exchange, stopped behind it; `workers`, `max_jobs` and `limits` do not
  // count.
  bool debug = false;
  Logger log;     // the pool's
  Logger output;  // what workers write to stderr: `server`
  WorkerEvents events;
};

}  // namespace rr::pool
