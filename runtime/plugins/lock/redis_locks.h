// Locks in redis: several servers share them, and they outlive each of these.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "rr/lock.h"
#include "runtime/net/redis/client.h"
#include "runtime/net/redis/script.h"

namespace rr::lock {

// Each call is a script, which redis runs as one. A resource is a hash: its owners with their ends,
// those that wait with their places and signs of life. Times are redis' own.
//
// Any thread. Calls block; who waits asks again every few milliseconds, up to 50.
class RedisLocks final : public LockManager {
 public:
  RedisLocks(std::unique_ptr<redis::Client> client, std::string prefix);

  Result<LockFence> acquire(const LockRequest& request) override;
  Result<bool> release(std::string_view resource, std::string_view id) override;
  // Of resources that were locked within a day.
  Result<bool> force_release(std::string_view resource) override;
  Result<bool> exists(std::string_view resource, std::string_view id) override;
  Result<bool> update_ttl(std::string_view resource, std::string_view id,
                          std::chrono::microseconds ttl) override;

  // From now on nobody waits.
  void close();

 private:
  Result<std::int64_t> run(const redis::Script& script, std::string_view resource,
                           std::vector<std::string> arguments);
  // False: closed meanwhile.
  bool pause(std::chrono::nanoseconds time);

  static const redis::Script kAcquire, kRelease, kForceRelease, kExists, kUpdateTtl;

  const std::unique_ptr<redis::Client> client_;
  const std::string prefix_;
  std::mutex mutex_;  // guards closed_
  std::condition_variable closing_;
  bool closed_ = false;
};

}  // namespace rr::lock
