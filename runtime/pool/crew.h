// The workers of a pool, of one kind: processes or threads. The strategy inside Pool.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "rr/pool.h"
#include "runtime/pool/queue.h"
#include "runtime/pool/timing.h"

namespace rr::pool {

// What a crew may ask of its pool. Thread-safe.
class CrewHost {
 public:
  // The next exchange for a worker that has nothing to do, already won (state running); null: none,
  // or the pool holds its workers back (reset, stop). Never waits.
  virtual ExchangePtr take() = 0;
  virtual bool work_waits() const = 0;
  // An exchange that was taken is over: answered, failed or handed back. Counts it out.
  virtual void finished() = 0;
  // Gives back an exchange that was taken but that no worker has begun (the worker asked to be
  // stopped, died before the write, is being recycled): it goes to the head of the queue.
  virtual void hand_back(ExchangePtr exchange) = 0;
  // What a worker tells of an exchange that is over. Lives as long as the crew.
  virtual Timing& timing() = 0;

 protected:
  ~CrewHost() = default;
};

// Thread-safe unless said otherwise. Constructed stopped.
class Crew {
 public:
  // A worker that still runs an exchange at the deadline of a reset has this long to finish it.
  static constexpr Duration kResetGrace = std::chrono::seconds(10);

  virtual ~Crew() = default;

  // Brings up all workers (num_workers at once) and returns when each is ready, or the first error
  // (worker_allocate; the text names the cause and ends with the worker's last stderr lines) after
  // ending those that came up. Blocks up to allocate_timeout.
  virtual Result<void> start() = 0;

  // Offers an exchange to a free worker: runs it on the calling thread when that is an idle
  // interpreter of this crew, or writes it to an idle process. False: nobody is free, the exchange
  // is still the caller's. A taken exchange has been moved to `running`.
  virtual bool offer(ExchangePtr& exchange) = 0;
  // Something was queued: wake who may be idle (after offer() said false).
  virtual void queued() = 0;

  // Replaces all workers. Running exchanges finish first; those that run kResetGrace past the
  // deadline are ended with their workers. Blocks until as many new ones are ready, or the first
  // error.
  virtual Result<void> reset(TimePoint deadline) = 0;
  // Lets running exchanges finish until `deadline`, then ends every worker and returns when none is
  // left (threads stuck in a blocking call excepted: they are counted and left).
  // Called while start() blocks, it ends that. Once.
  virtual void stop(TimePoint deadline) = 0;
  // Another thread is, or will be, in stop(): its deadline is this one, if that is earlier.
  virtual void hasten(TimePoint deadline) = 0;

  // Told once, on any thread, perhaps before the call that it was given to has returned. Must not
  // wait.
  using Done = std::function<void(Result<void>)>;
  // Starts one more worker. `done` hears that it is ready, or why it is not (it is then gone).
  virtual void add_worker(Done done) = 0;
  enum class Which { idle, any };
  // Ends one worker for good: one that waits for work, or with Which::any a busy one behind its
  // exchange. `done` hears when it has gone; no_free_workers: there is none of that kind.
  virtual void remove_worker(Which which, Done done) = 0;

  // Deals with what is due on running exchanges (exec_ttl, CPU limits); returns the next deadline.
  // Guard thread; must win the exchange's word before it answers.
  virtual TimePoint expire(TimePoint now) = 0;

  virtual std::vector<WorkerInfo> workers() const = 0;
  // See Pool.
  virtual std::vector<WorkerStack> stacks(std::int64_t pid, TimePoint deadline) = 0;
  // See PoolCounts.
  virtual std::uint32_t abandoned() const { return 0; }
};

}  // namespace rr::pool
