// Locks in memory. No thread and no timer: a lock whose time is over is found by whoever looks at
// its resource, by the first of those that wait for it, or by those that come for others.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rr/exchange.h"
#include "rr/lock.h"
#include "rr/log.h"

namespace rr::lock {

// Any thread. Resources are spread over shards, each with a mutex that is held for a moment only.
class LockTable final : public LockManager {
 public:
  using Now = TimePoint (*)();

  // `now`: for tests of what time does to locks nobody waits for.
  explicit LockTable(Logger log, Now now = &Clock::now);

  Result<LockFence> acquire(const LockRequest& request) override;
  Result<bool> release(std::string_view resource, std::string_view id) override;
  Result<bool> force_release(std::string_view resource) override;
  Result<bool> exists(std::string_view resource, std::string_view id) override;
  Result<bool> update_ttl(std::string_view resource, std::string_view id,
                          std::chrono::microseconds ttl) override;

  // From now on nobody waits: acquire() gives up at once, also for those that wait already.
  void close();

  // Resources with a lock or somebody who waits, as far as their ends have been noticed.
  std::size_t busy_for_test() const;

 private:
  struct Waiter;
  struct Holder {
    std::string id;
    TimePoint until;
  };
  struct Resource {
    explicit Resource(std::string_view name) : name(name) {}
    bool is_free() const { return holders.empty() && waiters.empty(); }
    Holder* holder(std::string_view id);

    std::string name;
    LockMode mode = LockMode::shared;  // of the holders
    std::vector<Holder> holders;       // several only when shared
    std::list<Waiter*> waiters;        // by arrival; each lives on its thread's stack
  };
  using Resources = std::list<Resource>;
  struct alignas(64) Shard {
    mutable std::mutex mutex;  // guards everything here, and the waiters
    std::unordered_map<std::string_view, Resources::iterator> by_name;
    Resources busy;  // the one looked at longest ago is last
    Resources idle;  // free ones, the last used first: their next lock allocates nothing
    LockFence fence = 0;
  };

  Shard& shard_of(std::string_view resource);
  static Resource* find(Shard& shard, std::string_view name);
  static Resource& find_or_add(Shard& shard, std::string_view name);

  static bool may_have(const Resource& resource, std::string_view id, LockMode mode);
  static LockFence give(Shard& shard, Resource& resource, std::string_view id, LockMode mode,
                        TimePoint until);
  static std::list<Waiter*>::iterator next_to_have(Resource& resource);
  static void serve_waiters(Shard& shard, Resource& resource, TimePoint now);
  static void end_overdue(Shard& shard, Resource& resource, TimePoint now);
  static void settle(Shard& shard, Resource& resource);
  static void look_after_others(Shard& shard, const Resource& current, TimePoint now);
  LockFence wait(std::unique_lock<std::mutex>& lock, Shard& shard, Resource& resource,
                 const LockRequest& request, TimePoint deadline);

  static constexpr std::size_t kShards = 64;
  static constexpr std::size_t kIdleKept = 1024;  // in each shard

  const Logger log_;
  const Now now_;
  std::atomic<bool> closed_{false};
  std::array<Shard, kShards> shards_;
};

}  // namespace rr::lock
