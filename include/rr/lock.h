// Locks that the workers of an application share: by name, with an owner, exclusive or shared.
// The plugin `lock` provides a LockManager; its RPC methods and the PHP extension are two doors to
// the same one.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "rr/result.h"

namespace rr {

// How long a thread that waits for a lock looks away from whether it is still wanted.
inline constexpr std::chrono::milliseconds kLockLook{20};

enum class LockMode : std::uint8_t { exclusive, shared };

// Grows from one lock of a resource to the next, also over restarts of the server: whoever guards
// the resource itself (a database, a file) can refuse the smaller one of two. 0: no lock.
using LockFence = std::uint64_t;

struct LockRequest {
  std::string_view resource;
  std::string_view id;  // of the owner, not empty
  LockMode mode = LockMode::exclusive;
  std::chrono::microseconds ttl{};   // from when the lock is had; 0: until it is released
  std::chrono::microseconds wait{};  // 0 and less: not at all
  // Whoever waits asks now and then, on its own thread, whether to go on; null: it does. It must
  // neither wait nor come back here.
  bool (*given_up)() = nullptr;
};

// Any thread. An error is one of the arguments or of the place where the locks are kept; that
// somebody else has the lock is none.
class LockManager {
 public:
  // The fence of the lock, or 0 when it was not to be had in time, or was given up. Waits in the
  // calling thread, in the order of arrival. The one reader of a resource may take it exclusively,
  // ahead of others that wait: its own lock is what they wait for. A reader that asks again has it
  // as it had; the later end counts.
  virtual Result<LockFence> acquire(const LockRequest& request) = 0;
  // Whether the id had a lock of either mode; now it has none.
  virtual Result<bool> release(std::string_view resource, std::string_view id) = 0;
  // Frees the resource from everybody. Whether it has been locked before (of the last some 65,000
  // resources that are free now this is known).
  virtual Result<bool> force_release(std::string_view resource) = 0;
  // Whether the id has a lock; "*": whether anybody has.
  virtual Result<bool> exists(std::string_view resource, std::string_view id) = 0;
  // The lock ends that long from now, 0: when it is released. Whether the id has one.
  virtual Result<bool> update_ttl(std::string_view resource, std::string_view id,
                                  std::chrono::microseconds ttl) = 0;

 protected:
  ~LockManager() = default;
};

}  // namespace rr
