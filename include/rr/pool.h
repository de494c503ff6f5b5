// A set of PHP workers that run exchanges; what plugins see of it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rr/exchange.h"
#include "rr/result.h"

namespace rr {

// RoadRunner's worker states and their numbers (spec 01 §5.1).
enum class WorkerState : std::uint8_t {
  inactive,
  ready,
  working,
  invalid,
  stopping,
  stopped,
  destroyed,
  max_jobs_reached,
  errored,
  idle_ttl_reached,
  ttl_reached,
  max_memory_reached,
  exec_ttl_reached,
};
std::string_view to_string(WorkerState state);
bool can_become(WorkerState from, WorkerState to);

// What a worker has in hand, for people: of an HTTP request without its query.
struct RunningExchange {
  // What is shown of a path at most; more ends in "…".
  static constexpr std::size_t kMaxPath = 512;

  std::string method;  // empty: no HTTP request
  std::string path;    // as it was sent: bytes of the client's
  TimePoint since;     // when the worker got it
};

// Of an exchange that the caller has.
RunningExchange describe(Exchange& exchange, TimePoint since);

enum class WorkerKind : std::uint8_t { process, thread };

// One worker as `informer.Workers` shows it.
struct WorkerInfo {
  std::int64_t pid = 0;  // process id, or thread id on an embed pool
  WorkerState state = WorkerState::inactive;
  std::uint64_t executions = 0;  // counted when a job is handed over
  std::int64_t created_unix_ns = 0;
  std::uint64_t memory_bytes = 0;  // RSS; on a thread its Zend memory
  double cpu_percent = 0;
  WorkerKind kind = WorkerKind::process;
  std::optional<RunningExchange> running{};
};

// The PHP stack of a worker, in words: innermost function first, "App\\Repository::find() at
// /app/src/Repository.php:42". No values of arguments.
struct WorkerStack {
  static constexpr std::size_t kMaxFrames = 100;  // of more the outermost are left out

  std::int64_t pid = 0;
  WorkerState state = WorkerState::inactive;
  std::optional<RunningExchange> running{};
  std::vector<std::string> frames{};
  std::string note{};  // why there are none: "idle", "in a C call: sleep(), not at a safe point …"
};

// How long exchanges have taken. Counted only while somebody looks (Pool::timings), so that nobody
// pays who does not.
struct Timings {
  struct Bucket {
    std::uint64_t up_to_us = 0;  // and more than the bucket before
    std::uint64_t count = 0;
  };
  // Those with a count, rising. Counts only ever rise: of two readings the difference is what came
  // in between.
  using Histogram = std::vector<Bucket>;

  Histogram ran;     // from its worker's start to its worker's being free again
  Histogram waited;  // HTTP: from the first byte of the request to its worker's start
};

struct PoolCounts {
  std::uint64_t executions = 0;  // exchanges handed to workers since start
  std::uint32_t workers = 0;
  std::uint32_t wanted = 0;   // by the configuration, add_worker() and remove_worker()
  std::uint32_t waiting = 0;  // queued exchanges
  // Threads stuck in a call past exec_ttl, not returned yet; after a stop also processes that were
  // at work at its deadline and had to be killed.
  std::uint32_t abandoned = 0;
};

// Runs exchanges on PHP workers. Thread-safe.
class Pool {
 public:
  virtual ~Pool() = default;

  // Blocks until every worker is ready (up to allocate_timeout), or says why not. Once, before the
  // first submit.
  virtual Result<void> start() = 0;
  // Refuses new work with `stopped`, lets running exchanges finish until `deadline`, then ends all
  // workers. Blocks. A further call, also while the first one blocks, makes the deadline an earlier
  // one. Called while start() blocks it ends that, too.
  virtual void stop(TimePoint deadline) = 0;
  // The same for a pool that another one has replaced and to which nobody submits any more: workers
  // for which nothing is left go at once.
  virtual void retire(TimePoint deadline) = 0;

  // Runs the exchange here when the calling thread is an idle interpreter of this pool, else hands
  // it to a free worker or queues it for up to allocate_timeout. Takes one reference. The exchange
  // is answered once, on any thread; errors come through Exchange::fail: queue_size,
  // no_free_workers, exec_ttl, network, decode, soft_job, stopped. Never retries what a worker may
  // have begun.
  virtual void submit(ExchangePtr exchange) = 0;

  // Replaces every worker; running exchanges finish first (up to reset_timeout), new ones wait.
  // Blocks; not to be called on a data-plane thread.
  virtual Result<void> reset() = 0;

  // One worker more, or one fewer, until the next such call, a reload that changes num_workers, or
  // the end of the server. Block until
  // it has come up, or gone (a busy one ends its exchange first; not waited for longer than
  // destroy_timeout). The last one stays; with pool.debug neither does anything. Not to be called
  // on a data-plane or control thread. Errors: worker_allocate, stopped.
  virtual Result<void> add_worker() = 0;
  virtual Result<void> remove_worker() = 0;

  virtual std::vector<WorkerInfo> workers() const = 0;
  virtual PoolCounts counts() const = 0;

  // The stacks of its workers, or of the one with that pid (0: all; none: it is not one of this
  // pool's). Blocks until each has come to where it can tell, at most until `deadline`. Disturbs
  // nobody: no call is interrupted.
  virtual std::vector<WorkerStack> stacks(std::int64_t pid, TimePoint deadline) = 0;

  // For this long after a call of timings() exchanges are timed.
  static constexpr std::chrono::seconds kTimed{15};
  virtual Timings timings() = 0;
};

}  // namespace rr
