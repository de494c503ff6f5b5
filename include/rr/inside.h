// The whole server at a moment, for people who look: provided by the plugin `inside`.
#pragma once

#include "rr/rpc.h"

namespace rr {

// Thread-safe.
class Inside {
 public:
  // Pools, their workers and what each has in hand, throughput, latencies, memory, queues, recent
  // errors (docs/commands.md has the members). Paths without queries. Bounded in size. Blocks for
  // some microseconds a worker process. What is timed is timed for a while from here on, see Pool.
  virtual RpcValue picture() = 0;

 protected:
  ~Inside() = default;
};

}  // namespace rr
